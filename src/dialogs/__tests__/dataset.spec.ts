import { folderName, stem } from '../browse';
import {
  canImport,
  columnChanges,
  EMPTY_VALUES,
  formatOf,
  isFolder,
  toRequest,
  withSplits
} from '../datasetvalues';
import { folderKind } from '../selection';

const MORE = { request_id: 'r1', conversation: null, delete_source: false };

function files(...paths: string[]) {
  return { ...EMPTY_VALUES, files: withSplits(paths) };
}

describe('the dataset form', () => {
  it('sends one file as a path', () => {
    const sent = toRequest(files(' data/a.jsonl '), MORE);
    expect(sent?.source).toEqual({
      source: 'file',
      path: 'data/a.jsonl',
      format: null
    });
    expect(sent?.name).toBeUndefined();
  });

  it('sends several files as splits, several of one split as a list', () => {
    const sent = toRequest(
      files('train-0.csv', 'train-1.csv', 'dev.csv', 'my_test.csv'),
      MORE
    );
    expect(sent?.source).toMatchObject({
      source: 'file',
      path: {
        train: ['train-0.csv', 'train-1.csv'],
        validation: 'dev.csv',
        test: 'my_test.csv'
      }
    });
  });

  it('trains on a lone file, whatever its name', () => {
    expect(withSplits(['test.csv'])[0].split).toBe('train');
  });

  it.each([
    ['data/', 'data'],
    ['data/v1', 'data/v1'],
    ['rows.zip', 'rows.zip']
  ])('sends %s as a folder', (path, sent) => {
    expect(isFolder(path)).toBe(true);
    expect(toRequest(files(path), MORE)?.source).toEqual({
      source: 'directory',
      path: sent,
      format: null
    });
  });

  it('sends a hub id with its subset, revision and splits', () => {
    const sent = toRequest(
      {
        ...EMPTY_VALUES,
        source: 'hub',
        repo: 'gretelai/sql',
        config: 'en',
        splits: ['train']
      },
      MORE
    );
    expect(sent?.source).toEqual({
      source: 'hub',
      repo_id: 'gretelai/sql',
      config: 'en',
      revision: null,
      splits: ['train']
    });
    expect(sent?.request_id).toBe('r1');
  });

  it('sends only the columns that differ', () => {
    expect(
      columnChanges({
        id: { name: 'id', keep: false },
        sql: { name: ' answer ', keep: true },
        question: { name: 'question', keep: true }
      })
    ).toEqual({ id: null, sql: 'answer' });
  });

  it('sends nothing when nothing is named', () => {
    expect(toRequest(EMPTY_VALUES, MORE)).toBeNull();
    expect(toRequest({ ...EMPTY_VALUES, source: 'hub' }, MORE)).toBeNull();
  });

  it('reads the format from the file name', () => {
    expect(formatOf('data/rows.PARQUET')).toBe('parquet');
    expect(formatOf('data/rows.txt')).toBe('');
  });

  it('proposes names from paths', () => {
    expect(stem('data/train.v2.jsonl')).toBe('train.v2');
    expect(folderName('models/SmolLM2-1.7B/')).toBe('SmolLM2-1.7B');
  });
});

describe('the context menu of the file browser', () => {
  it('is there for data and folders, and not for other files', () => {
    expect(canImport('rows.CSV', false)).toBe(true);
    expect(canImport('rows.zip', false)).toBe(true);
    expect(canImport('notes.ipynb', false)).toBe(false);
    expect(canImport('data', true)).toBe(true);
  });

  it('knows adapters and models from datasets by their files', () => {
    expect(folderKind(['adapter_config.json', 'config.json'])).toBe('adapter');
    expect(folderKind(['config.json', 'model.safetensors'])).toBe('model');
    expect(folderKind(['train.parquet', 'config.json'])).toBe('dataset');
  });
});
