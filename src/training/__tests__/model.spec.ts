import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';

import { ApiError } from '../../api';
import type { IFtStudio } from '../../tokens';
import { TrainModel } from '../model';

const SCHEMA = {
  type: 'object',
  required: ['name', 'base_model', 'dataset', 'prompt'],
  properties: Object.fromEntries(
    ['name', 'base_model', 'dataset', 'prompt'].map(name => [
      name,
      { type: 'string', title: name }
    ])
  )
};

const PROMPTS = [
  { id: 'p1', name: 'older', dataset_id: 'd1', updated_at: '2026-01-01' },
  { id: 'p2', name: 'newer', dataset_id: 'd1', updated_at: '2026-01-02' },
  { id: 'p3', name: 'other', dataset_id: 'd2', updated_at: '2026-01-03' }
];

function listOf(items: unknown[]) {
  return { list: async () => ({ items, total: items.length }) };
}

/** A studio whose server answers at once; `submit` stands for POST jobs. */
function makeStudio(
  submit: (body: { request_id: string }) => Promise<unknown>
) {
  const sender = {};
  const model = () => ({ changed: new Signal(sender), items: [] });
  const studio = {
    trans: nullTranslator.load('ftstudio'),
    models: model(),
    datasets: model(),
    prompts: model(),
    adapters: model(),
    jobs: model(),
    api: {
      schema: async () => SCHEMA,
      preflight: async () => ({ ready: true, checks: [] }),
      memory: async () => ({ estimates: [] }),
      interpreters: async () => ({ items: [], total: 0 }),
      models: listOf([{ id: 'm1', name: 'tiny' }]),
      datasets: listOf([
        { id: 'd1', name: 'animals' },
        { id: 'd2', name: 'plants' }
      ]),
      prompts: listOf(PROMPTS),
      presets: listOf([]),
      adapters: listOf([{ id: 'a1', name: 'animals-tiny' }]),
      jobs: { ...listOf([]), create: submit }
    }
  };
  return studio as unknown as IFtStudio;
}

async function loaded(
  submit: (body: { request_id: string }) => Promise<unknown>,
  args = {}
): Promise<TrainModel> {
  const model = new TrainModel(makeStudio(submit), args);
  await model.load();
  return model;
}

describe('TrainModel', () => {
  it('asks for nothing that it can know', async () => {
    const model = await loaded(async () => ({}));
    expect(model.form?.text('base_model')).toBe('m1');
    model.choose('dataset', 'd1');
    expect(model.form?.text('prompt')).toBe('p2');
    expect(model.form?.text('name')).toBe('animals-tiny-2');
  });

  it('brings the dataset of the prompt that it was opened with', async () => {
    const model = await loaded(async () => ({}), { prompt: 'other' });
    expect(model.form?.text('dataset')).toBe('d2');
    expect(model.form?.text('prompt')).toBe('p3');
  });

  it('makes one run of a double click', async () => {
    const asked: string[] = [];
    const model = await loaded(async body => {
      asked.push(body.request_id);
      return { id: 'job' };
    });
    const answers = await Promise.all([model.start(), model.start()]);
    expect(answers).toEqual(['job', null]);
    expect(asked).toHaveLength(1);
  });

  it('keeps its request id until an answer arrives', async () => {
    const asked: string[] = [];
    const lost = {
      code: 'unreachable',
      message: '',
      field: null,
      remedy: null
    };
    const model = await loaded(async body => {
      asked.push(body.request_id);
      if (asked.length === 1) {
        throw new ApiError(lost, 0);
      }
      return { id: 'job' };
    });
    expect(await model.start()).toBeNull();
    expect(await model.start()).toBe('job');
    await model.start();
    expect(asked[1]).toBe(asked[0]);
    expect(asked[2]).not.toBe(asked[0]);
  });
});
