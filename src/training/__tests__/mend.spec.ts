/* eslint-disable jupyter/no-untranslated-string */
import { studioAnswering } from '../../__mocks__/studio';
import type { Check, Fix } from '../../api';
import { remedyOf } from '../mend';
import { TrainModel } from '../model';

const STRING = { type: 'string', title: '' };
const SCHEMA = {
  type: 'object',
  required: ['base_model', 'dataset', 'prompt'],
  properties: {
    base_model: STRING,
    dataset: STRING,
    prompt: STRING,
    max_length: { type: 'integer', title: 'Max length', default: 64 }
  }
};
const PROMPT = {
  id: 'p1',
  name: 'ask',
  revision: 3,
  dataset_id: 'd1',
  updated_at: '2026-01-01',
  mode: 'text',
  prompt_template: 'Q: {q} ',
  completion_template: '{a}',
  messages: [],
  chat_template: null,
  examples: []
};
const ANSWERS = {
  'GET schemas/TrainSpec': SCHEMA,
  'GET models': { items: [{ id: 'm1', name: 'tiny' }], total: 1 },
  'GET datasets': { items: [{ id: 'd1', name: 'sql' }], total: 1 },
  'GET prompts': { items: [PROMPT], total: 1 },
  'POST training/preflight': { ready: true, checks: [] },
  'PATCH prompts/p1': PROMPT
};

async function loaded() {
  const made = studioAnswering(ANSWERS);
  const model = new TrainModel(made.studio, {});
  await model.load();
  return { ...made, model };
}

function check(changes: Partial<Check>): Check {
  return {
    level: 'warning',
    code: 'x',
    message: '',
    field: null,
    remedy: null,
    fix: null,
    rows: [],
    ...changes
  };
}

function fix(changes: Partial<Fix>): Fix {
  return {
    kind: 'set_field',
    field: 'max_length',
    value: 128,
    label: 'Do it',
    ...changes
  };
}

describe('the button of a finding', () => {
  it('sets a field of the run', async () => {
    const { model } = await loaded();
    remedyOf(model, check({ fix: fix({}) }))?.apply();
    expect(model.form?.number('max_length')).toBe(128);
    model.dispose();
  });

  it('changes the stored prompt, and says so', async () => {
    const { model, asked, opened } = await loaded();
    const trimmed = fix({
      kind: 'set_prompt_field',
      field: 'prompt_template',
      value: 'Q: {q}'
    });
    remedyOf(model, check({ fix: trimmed }))?.apply();
    await new Promise(resolve => setTimeout(resolve));
    const sent = asked.find(item => item.route === 'PATCH prompts/p1');
    expect(sent?.body).toMatchObject({ prompt_template: 'Q: {q}' });
    expect(opened[0]).toContain('“ask” was changed');
    model.dispose();
  });

  it('leads to the dataset where the data are at fault', async () => {
    const { model, opened } = await loaded();
    remedyOf(model, check({ code: 'data_duplicates' }))?.apply();
    expect(opened).toEqual(['dataset "d1"']);
    model.dispose();
  });

  it('is missing where nothing can be done', async () => {
    const { model } = await loaded();
    expect(remedyOf(model, check({}))).toBeNull();
    const unknown = fix({ field: 'nothing.like_it' });
    expect(remedyOf(model, check({ fix: unknown }))).toBeNull();
    model.dispose();
  });
});
