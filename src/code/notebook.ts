import type { Contents } from '@jupyterlab/services';
import { ServerConnection } from '@jupyterlab/services';
import { PathExt } from '@jupyterlab/coreutils';
import type { PartialJSONObject } from '@lumino/coreutils';
import { UUID } from '@lumino/coreutils';

import type { Code } from '../api';
import type { CodeModel } from './model';

/** A notebook of what is shown: a script as the server cuts it, anything else as cells. */
export async function notebookOf(
  model: CodeModel
): Promise<{ name: string; content: PartialJSONObject }> {
  const { format } = model;
  if (format === 'script' || format === 'notebook') {
    const { filename, text } = await model.get('notebook');
    return { name: filename, content: JSON.parse(text) as PartialJSONObject };
  }
  const code = await model.get(format);
  const name = `${PathExt.basename(code.filename, PathExt.extname(code.filename))}.ipynb`;
  return { name, content: ofCells(cellsOf(code)) };
}

/** The code as cells; magics must be loaded first. */
function cellsOf({ format, text }: Code): string[] {
  const source = text.trimEnd();
  return format === 'magic' ? ['%load_ext ftstudio_ext', source] : [source];
}

function ofCells(cells: string[]): PartialJSONObject {
  return {
    cells: cells.map(source => ({
      cell_type: 'code',
      id: UUID.uuid4().slice(0, 8),
      metadata: {},
      source,
      execution_count: null,
      outputs: []
    })),
    metadata: {
      kernelspec: {
        display_name: 'Python 3',
        language: 'python',
        name: 'python3'
      },
      language_info: { name: 'python' }
    },
    nbformat: 4,
    nbformat_minor: 5
  };
}

/** Save a notebook under a free name in a folder; answers its path. */
export async function saveNotebook(
  contents: Contents.IManager,
  folder: string,
  name: string,
  content: PartialJSONObject
): Promise<string> {
  const path = await freePath(contents, folder, name);
  const saved = await contents.save(path, {
    type: 'notebook',
    format: 'json',
    content
  });
  return saved.path;
}

async function freePath(
  contents: Contents.IManager,
  folder: string,
  name: string
): Promise<string> {
  const suffix = PathExt.extname(name);
  const stem = PathExt.basename(name, suffix);
  for (let number = 1; ; number++) {
    const tail = number === 1 ? '' : `-${number}`;
    const path = PathExt.join(folder, `${stem}${tail}${suffix}`);
    if (!(await exists(contents, path))) {
      return path;
    }
  }
}

async function exists(
  contents: Contents.IManager,
  path: string
): Promise<boolean> {
  try {
    await contents.get(path, { content: false });
    return true;
  } catch (reason) {
    if (
      reason instanceof ServerConnection.ResponseError &&
      reason.response.status === 404
    ) {
      return false;
    }
    throw reason;
  }
}
