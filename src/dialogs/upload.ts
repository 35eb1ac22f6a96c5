import type { Contents } from '@jupyterlab/services';

/** Larger files travel in pieces of this size, as JupyterLab's own uploads do. */
const CHUNK_BYTES = 1024 * 1024;

/** How far an upload is: the file under way, and the share of all bytes sent. */
export type UploadProgress = { name: string; share: number };

/**
 * Uploads files into a folder of the server, through Jupyter's own contents service.
 *
 * Names that exist already get a number. Answers the paths, in the order of the files; when it
 * fails or is cancelled, what it wrote so far is removed.
 */
export async function uploadFiles(
  contents: Contents.IManager,
  files: File[],
  folder: string,
  options: {
    onProgress: (progress: UploadProgress) => void;
    signal?: AbortSignal;
  }
): Promise<string[]> {
  const { onProgress, signal } = options;
  const total = files.reduce((sum, file) => sum + file.size, 0) || 1;
  const written: string[] = [];
  let before = 0;
  await makeFolder(contents, folder);
  try {
    for (const file of files) {
      const path = await freePath(contents, folder, file.name);
      written.push(path);
      await uploadOne(contents, file, path, sent => {
        if (signal?.aborted) {
          throw new DOMException('', 'AbortError');
        }
        onProgress({ name: file.name, share: (before + sent) / total });
      });
      before += file.size;
    }
  } catch (reason) {
    await Promise.all(
      written.map(path => contents.delete(path).catch(() => undefined))
    );
    throw reason;
  }
  return written;
}

async function uploadOne(
  contents: Contents.IManager,
  file: File,
  path: string,
  onSent: (bytes: number) => void
): Promise<void> {
  const chunks = Math.max(1, Math.ceil(file.size / CHUNK_BYTES));
  for (let index = 0; index < chunks; index++) {
    const start = index * CHUNK_BYTES;
    onSent(start);
    const piece = file.slice(start, start + CHUNK_BYTES);
    const model = {
      type: 'file' as const,
      format: 'base64' as const,
      content: await base64(piece),
      // 1, 2, 3 … and -1 for the last; a file in one piece has no number.
      chunk: chunks === 1 ? undefined : index === chunks - 1 ? -1 : index + 1
    };
    await contents.save(path, model);
  }
  onSent(file.size);
}

/** Arguments that a function takes at once, well below every browser's limit. */
const AT_ONCE = 8192;

async function base64(piece: Blob): Promise<string> {
  const bytes = new Uint8Array(await piece.arrayBuffer());
  const parts: string[] = [];
  for (let start = 0; start < bytes.length; start += AT_ONCE) {
    parts.push(String.fromCharCode(...bytes.subarray(start, start + AT_ONCE)));
  }
  return btoa(parts.join(''));
}

/** Makes a folder and those above it, where they are not there. */
async function makeFolder(
  contents: Contents.IManager,
  folder: string
): Promise<void> {
  const parts = folder.split('/').filter(Boolean);
  for (let depth = 1; depth <= parts.length; depth++) {
    const path = parts.slice(0, depth).join('/');
    if (!(await exists(contents, path))) {
      await contents.save(path, { type: 'directory' });
    }
  }
}

async function freePath(
  contents: Contents.IManager,
  folder: string,
  name: string
): Promise<string> {
  const [, stem, ending] = /^(.+?)((?:\.[A-Za-z0-9]+)?)$/.exec(name) ?? [
    '',
    name,
    ''
  ];
  for (let count = 1; ; count++) {
    const free = count === 1 ? name : `${stem}-${count}${ending}`;
    const path = folder ? `${folder}/${free}` : free;
    if (!(await exists(contents, path))) {
      return path;
    }
  }
}

async function exists(
  contents: Contents.IManager,
  path: string
): Promise<boolean> {
  return contents.get(path, { content: false }).then(
    () => true,
    () => false
  );
}
