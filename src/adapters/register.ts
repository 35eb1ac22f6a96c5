import { InputDialog } from '@jupyterlab/apputils';
import { UUID } from '@lumino/coreutils';

import type { Adapter } from '../api';
import type { IFtStudio } from '../tokens';

/** Make the adapter a version of a model in MLflow's registry, perhaps under an alias. */
export async function registerAdapter(
  studio: IFtStudio,
  { id, name }: Adapter
): Promise<void> {
  const { api, messages, trans } = studio;
  const asked = await InputDialog.getText({
    title: trans.__('Register “%1” in MLflow', name),
    label: trans.__(
      'An alias for this version, for example champion; may be empty'
    ),
    okLabel: trans.__('Register')
  });
  if (!asked.button.accept) {
    return;
  }
  try {
    const job = await api.adapters.register(id, {
      request_id: UUID.uuid4(),
      alias: asked.value?.trim() || null
    });
    messages.success(trans.__('“%1” is being registered.', name), {
      label: trans.__('Show'),
      run: () => studio.openRun(job.id)
    });
  } catch (reason) {
    messages.error(reason);
  }
}
