import { InputDialog } from '@jupyterlab/apputils';

import { ApiError } from '../api';
import { capital } from '../format';
import type { IFtStudio } from '../tokens';
import type { IRecordKind } from './kinds';

/** Asks for a new name and gives it. */
export async function renameRecord(
  studio: IFtStudio,
  kind: IRecordKind,
  id: string
): Promise<void> {
  const { trans, messages } = studio;
  const old = kind.nameOf(id);
  const answer = await InputDialog.getText({
    title: trans.__('Rename “%1”', old),
    label: trans.__('Name'),
    text: old,
    okLabel: trans.__('Rename')
  });
  const name = answer.value?.trim();
  if (!answer.button.accept || !name || name === old) {
    return;
  }
  try {
    await kind.rename(id, name);
  } catch (reason) {
    messages.error(reason);
  }
  await kind.refresh();
}

/** Asks, naming what goes with it, and deletes; asks again where others depend on it. */
export async function deleteRecord(
  studio: IFtStudio,
  kind: IRecordKind,
  id: string
): Promise<void> {
  const { trans, messages } = studio;
  const agreed = await messages.confirm(
    kind.deleteTitle(kind.nameOf(id)),
    kind.consequences(id),
    trans.__('Delete')
  );
  if (!agreed) {
    return;
  }
  try {
    await kind.remove(id, false);
  } catch (reason) {
    await deleteAll(studio, kind, id, ApiError.from(reason));
  }
  await kind.refresh();
}

async function deleteAll(
  studio: IFtStudio,
  kind: IRecordKind,
  id: string,
  error: ApiError
): Promise<void> {
  const { trans, messages } = studio;
  if (error.code !== 'in_use' || !error.remedy?.includes('cascade')) {
    messages.error(error);
    return;
  }
  const agreed = await messages.confirm(
    trans.__('Delete what depends on it too?'),
    `${error.message} ${capital(error.remedy.replace(/^.*cascade=true: /, ''))}`,
    trans.__('Delete all')
  );
  if (agreed) {
    await kind.remove(id, true).catch(reason => messages.error(reason));
  }
}
