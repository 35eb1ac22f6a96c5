import { Dialog, showDialog } from '@jupyterlab/apputils';
import { UUID } from '@lumino/coreutils';

import type { Adapter, ExportRequest } from '../api';
import type { IFtStudio } from '../tokens';

/** Export the adapter: as a whole model with it in its weights, or its folder alone. */
export async function exportAdapter(
  studio: IFtStudio,
  adapter: Adapter
): Promise<void> {
  const { api, messages, trans } = studio;
  const format = await askFormat(studio, adapter);
  if (format === null) {
    return;
  }
  try {
    const job = await api.adapters.export(adapter.id, {
      request_id: UUID.uuid4(),
      format
    });
    messages.success(trans.__('“%1” is being exported.', adapter.name), {
      label: trans.__('Show'),
      run: () => studio.openRun(job.id)
    });
  } catch (reason) {
    messages.error(reason);
  }
}

async function askFormat(
  { trans }: IFtStudio,
  { name, base_model_id }: Adapter
): Promise<ExportRequest['format'] | null> {
  const merged = Dialog.okButton({
    label: trans.__('Merged model'),
    caption: trans.__('Every program for Hugging Face models loads it')
  });
  const alone = Dialog.okButton({ label: trans.__('Adapter alone') });
  const buttons = [Dialog.cancelButton(), alone];
  const asked = await showDialog({
    title: trans.__('Export “%1”', name),
    body: base_model_id
      ? trans.__(
          'Into a folder below exports/ of the workspace: a whole model with the adapter in its weights, or the PEFT folder as it is.'
        )
      : trans.__(
          'Into a folder below exports/ of the workspace. Its base model is not imported, so that it cannot be merged.'
        ),
    buttons: base_model_id ? [...buttons, merged] : buttons
  });
  if (!asked.button.accept) {
    return null;
  }
  return asked.button.label === alone.label ? 'adapter' : 'merged';
}
