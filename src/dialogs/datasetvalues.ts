import type { DatasetCreate, DirectorySource, FileSource } from '../api';
import { folderName } from './browse';

/** Endings of files with rows in them. */
export const EXTENSIONS = [
  '.csv',
  '.tsv',
  '.json',
  '.jsonl',
  '.parquet',
  '.arrow'
];
/** A zip holds such files. */
export const ARCHIVES = ['.zip'];

export const SPLITS = ['train', 'validation', 'test'] as const;

/** A file or folder of the server, and the part of the data that it holds. */
export type ChosenFile = { path: string; split: string };

/** What becomes of a column: its name in the copy, or that it is left out. */
export type ColumnChange = { name: string; keep: boolean };

export type Values = {
  source: 'file' | 'hub';
  name: string;
  files: ChosenFile[];
  format: string;
  repo: string;
  config: string;
  revision: string;
  /** The hub splits to import; empty means all. */
  splits: string[];
  columns: Record<string, ColumnChange>;
  /** How a column of messages becomes columns of text; '' leaves it as it is. */
  answers: '' | 'last' | 'each';
};

export const EMPTY_VALUES: Values = {
  source: 'file',
  name: '',
  files: [{ path: '', split: 'train' }],
  format: '',
  repo: '',
  config: '',
  revision: '',
  splits: [],
  columns: {},
  answers: 'last'
};

/** The ending of a file name, without the dot; empty when it has none that we know. */
export function formatOf(path: string): string {
  const end = /\.([a-z0-9]+)$/i.exec(path)?.[1]?.toLowerCase() ?? '';
  return EXTENSIONS.includes(`.${end}`) ? end : '';
}

/** Whether a path means a folder or an archive: `data/`, `data/v1`, `data.zip`. */
export function isFolder(path: string): boolean {
  const name = path.trim().split('/').pop() ?? '';
  return !name.includes('.') || name.toLowerCase().endsWith('.zip');
}

/** Whether the studio can import what lies at a path. */
export function canImport(path: string, folder: boolean): boolean {
  const name = path.toLowerCase();
  return folder || [...EXTENSIONS, ...ARCHIVES].some(end => name.endsWith(end));
}

/** The split that a file name speaks of. */
export function splitOf(path: string): string {
  const name = folderName(path).toLowerCase();
  if (/(^|[^a-z])(valid|validation|val|dev)([^a-z]|$)/.test(name)) {
    return 'validation';
  }
  return /(^|[^a-z])test([^a-z]|$)/.test(name) ? 'test' : 'train';
}

/** The files, each with the split that its name speaks of; one alone is for training. */
export function withSplits(paths: string[]): ChosenFile[] {
  const files = paths.map(path => ({ path, split: splitOf(path) }));
  return files.some(file => file.split === 'train')
    ? files
    : files.map(file => ({ ...file, split: 'train' }));
}

/** The files that were chosen, as the server takes them; null when there are none. */
export function localSource(
  values: Values
): FileSource | DirectorySource | null {
  const files = values.files
    .map(file => ({ ...file, path: file.path.trim() }))
    .filter(file => file.path);
  const format = (values.format || null) as FileSource['format'];
  if (!files.length) {
    return null;
  }
  if (files.length === 1 && isFolder(files[0].path)) {
    const path = files[0].path.replace(/(?<=.)\/+$/, '');
    return { source: 'directory', path, format };
  }
  if (files.length === 1 && files[0].split === 'train') {
    return { source: 'file', path: files[0].path, format };
  }
  const bySplit: Record<string, string | string[]> = {};
  for (const split of SPLITS) {
    const paths = files.filter(file => file.split === split);
    if (paths.length) {
      bySplit[split] =
        paths.length === 1 ? paths[0].path : paths.map(file => file.path);
    }
  }
  return { source: 'file', path: bySplit, format };
}

/** The columns that differ from the source, as the server takes them. */
export function columnChanges(
  columns: Values['columns']
): Record<string, string | null> {
  const changes = Object.entries(columns)
    .filter(([old, change]) => !change.keep || change.name.trim() !== old)
    .map(([old, change]) => [old, change.keep ? change.name.trim() : null]);
  return Object.fromEntries(changes);
}

/** What the form asks the server to do; null when no source is named. */
export function toRequest(
  values: Values,
  more: Pick<DatasetCreate, 'request_id' | 'conversation' | 'delete_source'>
): DatasetCreate | null {
  const name = values.name.trim() || undefined;
  const columns = columnChanges(values.columns);
  if (values.source === 'hub') {
    const repo_id = values.repo.trim();
    const source = {
      source: 'hub' as const,
      repo_id,
      config: values.config.trim() || null,
      revision: values.revision.trim() || null,
      splits: values.splits.length ? values.splits : null
    };
    return repo_id
      ? { name, source, columns, request_id: more.request_id }
      : null;
  }
  const source = localSource(values);
  return source && { name, source, columns, ...more };
}
