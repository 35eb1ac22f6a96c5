import type { Contents } from '@jupyterlab/services';

import { uploadFiles } from '../upload';

type Saved = { path: string; type?: string; chunk?: number; bytes: number };

/** A contents service that keeps what is saved in a list. */
function contentsWith(...there: string[]) {
  const paths = new Set(there);
  const saved: Saved[] = [];
  const deleted: string[] = [];
  const contents = {
    get: async (path: string) => {
      if (!paths.has(path)) {
        throw new Error('404');
      }
    },
    save: async (path: string, model: Partial<Contents.IModel>) => {
      paths.add(path);
      saved.push({
        path,
        type: model.type,
        chunk: (model as { chunk?: number }).chunk,
        bytes: atob(String(model.content ?? '')).length
      });
    },
    delete: async (path: string) => {
      deleted.push(path);
    }
  } as unknown as Contents.IManager;
  return { contents, saved, deleted };
}

const quiet = { onProgress: () => undefined };

describe('an upload', () => {
  it('sends a small file in one piece, into a folder that it makes', async () => {
    const { contents, saved } = contentsWith();
    const file = new File(['a,b\n1,2\n'], 'rows.csv');
    const paths = await uploadFiles(contents, [file], 'up/x', quiet);
    expect(paths).toEqual(['up/x/rows.csv']);
    expect(saved.map(({ path, type }) => [path, type])).toEqual([
      ['up', 'directory'],
      ['up/x', 'directory'],
      ['up/x/rows.csv', 'file']
    ]);
    expect(saved[2]).toMatchObject({ chunk: undefined, bytes: 8 });
  });

  it('sends a large file in numbered pieces, and tells how far it is', async () => {
    const { contents, saved } = contentsWith('up');
    const shares: number[] = [];
    const file = new File([new Uint8Array(2.5 * 1024 * 1024)], 'rows.bin');
    await uploadFiles(contents, [file], 'up', {
      onProgress: progress => shares.push(progress.share)
    });
    expect(saved.map(piece => piece.chunk)).toEqual([1, 2, -1]);
    expect(shares[shares.length - 1]).toBe(1);
  });

  it('overwrites nothing', async () => {
    const { contents } = contentsWith('up', 'up/rows.csv');
    const file = new File(['a'], 'rows.csv');
    expect(await uploadFiles(contents, [file], 'up', quiet)).toEqual([
      'up/rows-2.csv'
    ]);
  });

  it('leaves nothing behind when it is cancelled', async () => {
    const { contents, deleted } = contentsWith('up');
    const abort = new AbortController();
    const sent = uploadFiles(
      contents,
      [new File(['a'], 'a.csv'), new File(['b'], 'b.csv')],
      'up',
      {
        signal: abort.signal,
        onProgress: ({ name }) => name === 'b.csv' && abort.abort()
      }
    );
    await expect(sent).rejects.toMatchObject({ name: 'AbortError' });
    expect(deleted).toEqual(['up/a.csv', 'up/b.csv']);
  });
});
