import type { Contents } from '@jupyterlab/services';

import type { IFtStudio } from '../tokens';
import { importAdapter } from './adapter';
import type { IPathPicker } from './browse';
import { importDataset } from './dataset';
import { importModel } from './model';

/** Import what is selected in the file browser; a folder says by its files what it is. */
export async function importSelection(
  studio: IFtStudio,
  picker: IPathPicker,
  selected: Contents.IModel[]
): Promise<void> {
  const { contents } = picker;
  const paths = selected.map(
    item =>
      contents.localPath(item.path) + (item.type === 'directory' ? '/' : '')
  );
  const [only] = selected;
  if (selected.length === 1 && only.type === 'directory') {
    const path = contents.localPath(only.path);
    const kind = folderKind(await namesIn(contents, only.path));
    if (kind === 'adapter') {
      return importAdapter(studio, picker, path);
    }
    if (kind === 'model') {
      return importModel(studio, picker, path);
    }
  }
  return importDataset(studio, picker, { paths });
}

/** What a folder in Hugging Face format holds, by the names of its files. */
export function folderKind(names: string[]): 'adapter' | 'model' | 'dataset' {
  if (names.includes('adapter_config.json')) {
    return 'adapter';
  }
  const isModel =
    names.includes('config.json') &&
    names.some(name => /tokenizer|\.safetensors$|\.bin$/.test(name));
  return isModel ? 'model' : 'dataset';
}

async function namesIn(
  contents: Contents.IManager,
  path: string
): Promise<string[]> {
  const folder = await contents.get(path, { content: true });
  return (folder.content as Contents.IModel[]).map(item => item.name);
}
