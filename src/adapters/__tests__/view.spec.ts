import type { AdapterManifest } from '../../api';
import { metricName, splitRows } from '../view';

describe('the adapter tab', () => {
  it('says how many rows trained, judged and tested', () => {
    const parts = {
      train: { split: 'train', rows: 1020 },
      validation: { split: 'train', rows: 6 },
      test: { split: 'train', rows: 12 }
    };
    const manifest = { split: { seed: 42, parts } } as unknown;
    expect(splitRows(manifest as AdapterManifest)).toBe(
      'train 1,020 · validation 6 · test 12'
    );
  });

  it('says nothing of an imported adapter’s rows', () => {
    expect(splitRows({ split: {} } as AdapterManifest)).toBe('');
  });

  it('writes metrics as words', () => {
    expect(metricName('eval_loss')).toBe('Eval loss');
  });
});
