import { studioAnswering } from '../../__mocks__/studio';
import { draftOf, shotsOf, specOf } from '../draft';
import { EvaluationForm } from '../form';

const ADAPTER = {
  id: 'a1',
  name: 'sql-adapter',
  base_model_id: 'm1',
  dataset_id: 'd1',
  prompt_id: 'p1',
  created_at: '2026-01-02T00:00:00Z'
};

const ANSWERS = {
  'GET models': { items: [{ id: 'm1', name: 'tiny' }], total: 1 },
  'GET datasets': {
    items: [
      { id: 'd1', name: 'sql', splits: [{ name: 'train' }] },
      { id: 'd2', name: 'other', splits: [] }
    ],
    total: 2
  },
  'GET prompts': {
    items: [{ id: 'p1', name: 'ask', dataset_id: 'd1', updated_at: '1' }],
    total: 1
  },
  'GET adapters': { items: [ADAPTER], total: 1 },
  'GET evaluations/scorers': { items: [], primary_metric: 'exact_match' },
  'POST jobs': { id: 'job-1' }
};

describe('the form of an evaluation', () => {
  it('takes base model, dataset and prompt from the adapter', async () => {
    const { studio } = studioAnswering(ANSWERS);
    const form = new EvaluationForm(studio, { adapter: 'a1' });
    await form.load();
    expect(form.draft).toMatchObject({
      name: 'sql-adapter on test rows',
      base_model: 'm1',
      adapters: ['a1'],
      dataset: 'd1',
      prompt: 'p1'
    });
    expect(form.missing()).toBeNull();
    form.dispose();
  });

  it('submits what it shows', async () => {
    const { studio, asked } = studioAnswering(ANSWERS);
    const form = new EvaluationForm(studio, { adapter: 'a1' });
    await form.load();
    form.set({ splits: ['train'], shots: '0, 2', category_column: 'kind' });
    expect(await form.start()).toBe('job-1');
    const sent = asked.find(({ route }) => route === 'POST jobs')?.body;
    expect(sent).toMatchObject({
      type: 'evaluate',
      spec: {
        splits: ['train'],
        base_shots: [0, 2],
        category_column: 'kind',
        scorers: null
      }
    });
    form.dispose();
  });

  it('says what is missing', async () => {
    const { studio } = studioAnswering({
      ...ANSWERS,
      'GET adapters': undefined
    });
    const form = new EvaluationForm(studio, {});
    await form.load();
    expect(form.missing()).toContain('base model, dataset, prompt');
    form.rename('x');
    form.set({ base_model: 'm1', dataset: 'd1', shots: 'some' });
    expect(form.missing()).toContain('numbers from 0 to 32');
    form.set({ shots: '' });
    expect(form.missing()).toContain('Nobody would answer');
    form.dispose();
  });

  it('forgets splits and prompt of another dataset', async () => {
    const { studio } = studioAnswering(ANSWERS);
    const form = new EvaluationForm(studio, { adapter: 'a1' });
    await form.load();
    form.set({ splits: ['train'] });
    form.set({ dataset: 'd2' });
    expect(form.draft).toMatchObject({ splits: [], prompt: '' });
    form.dispose();
  });

  it('runs a scorer file exactly as it was read', async () => {
    const view = {
      path: 'own.py',
      sha256: 'ab',
      size_bytes: 40,
      text: 'def score_please(answer):\n    return 1\n'
    };
    const { studio } = studioAnswering({
      ...ANSWERS,
      'GET evaluations/scorer-file': view
    });
    const form = new EvaluationForm(studio, {});
    const { reading } = form;
    reading.setPath('own.py');
    await reading.read();
    expect(form.draft.scorer_files).toEqual([]);
    form.set({ scorer_files: reading.agree(form.draft.scorer_files) });
    expect(specOf(form.draft).scorer_files).toEqual([
      { path: 'own.py', sha256: 'ab' }
    ]);
    expect(reading.metrics(form.draft.scorer_files)).toEqual(['please']);
    expect(reading.view).toBeNull();
    form.dispose();
  });

  it('reads numbers of examples as people type them', () => {
    expect(shotsOf('0, 4')).toEqual([0, 4]);
    expect(shotsOf(' 4;4 ')).toEqual([4]);
    expect(shotsOf('')).toEqual([]);
    expect(shotsOf('four')).toBeNull();
    expect(shotsOf('33')).toBeNull();
  });

  it('is filled in again from a job', () => {
    const { studio } = studioAnswering(ANSWERS);
    const form = new EvaluationForm(studio, {});
    const spec = specOf({
      ...form.draft,
      adapters: ['a1'],
      splits: ['train'],
      shots: '0, 4',
      sql_schema_column: 'context',
      mlflow: false
    });
    expect(draftOf({ ...spec, name: 'old' })).toMatchObject({
      name: '',
      adapters: ['a1'],
      splits: ['train'],
      shots: '0, 4',
      sql_schema_column: 'context',
      mlflow: false
    });
    form.dispose();
  });
});
