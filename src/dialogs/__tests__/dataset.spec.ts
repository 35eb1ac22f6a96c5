import { folderName, stem } from '../browse';
import { formatOf, toRequest } from '../dataset';

const EMPTY = {
  source: 'file' as const,
  name: '',
  train: '',
  validation: '',
  test: '',
  format: '',
  repo: '',
  config: '',
  revision: ''
};

describe('the dataset form', () => {
  it('sends one file as a path', () => {
    const sent = toRequest({ ...EMPTY, train: ' data/a.jsonl ' }, 'r1');
    expect(sent.source).toEqual({
      source: 'file',
      path: 'data/a.jsonl',
      format: null
    });
    expect(sent.name).toBeUndefined();
  });

  it('sends several files as splits', () => {
    const sent = toRequest({ ...EMPTY, train: 'a.csv', test: 'b.csv' }, 'r1');
    expect(sent.source).toMatchObject({
      path: { train: 'a.csv', test: 'b.csv' }
    });
  });

  it('sends a hub id with its subset and revision', () => {
    const sent = toRequest(
      { ...EMPTY, source: 'hub', repo: 'gretelai/sql', config: 'en' },
      'r1'
    );
    expect(sent.source).toEqual({
      source: 'hub',
      repo_id: 'gretelai/sql',
      config: 'en',
      revision: null
    });
    expect(sent.request_id).toBe('r1');
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
