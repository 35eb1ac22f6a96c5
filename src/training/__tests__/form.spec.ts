/* eslint-disable jupyter/no-untranslated-string */
import { nullTranslator } from '@jupyterlab/translation';

import { ApiError } from '../../api';
import { TrainForm } from '../form';
import { freeName, proposeName } from '../naming';

const trans = nullTranslator.load('ftstudio');

/** The shape of the server's schema, cut down. */
const SCHEMA = {
  type: 'object',
  required: ['name', 'dataset'],
  $defs: {
    Lora: {
      type: 'object',
      properties: {
        r: {
          type: 'integer',
          title: 'Rank',
          default: 16,
          minimum: 1,
          ui: { group: 'lora', order: 1 }
        },
        target_modules: {
          anyOf: [
            { type: 'string' },
            { type: 'array', items: { type: 'string' } }
          ],
          title: 'Target modules',
          default: 'all-linear',
          ui: { group: 'lora', order: 2, advanced: true }
        },
        advanced: {
          type: 'object',
          title: 'More',
          default: {},
          ui: { group: 'lora', order: 9, advanced: true, widget: 'json' }
        }
      }
    }
  },
  properties: {
    name: { type: 'string', title: 'Name', pattern: '^[A-Za-z0-9]+$' },
    dataset: { type: 'string', title: 'Dataset' },
    learning_rate: {
      type: 'number',
      title: 'Learning rate',
      default: 0.0002,
      exclusiveMinimum: 0,
      exclusiveMaximum: 1
    },
    max_steps: { type: 'integer', title: 'Max steps', nullable: true },
    method: { enum: ['qlora', 'lora'], default: 'qlora', title: 'Method' },
    lora: { $ref: '#/$defs/Lora', title: 'LoRA' }
  }
};

function makeForm(): TrainForm {
  return new TrainForm(SCHEMA, trans);
}

function fail(form: TrainForm, field: string | null): void {
  const info = { code: 'x', message: 'No.', field, remedy: 'Do so.' };
  form.fail(new ApiError(info, 422));
}

describe('TrainForm', () => {
  it('begins with the defaults of the schema', () => {
    const form = makeForm();
    expect(form.value('lora.r')).toBe(16);
    expect(form.spec()).toEqual({
      learning_rate: 0.0002,
      method: 'qlora',
      lora: { r: 16, target_modules: 'all-linear' }
    });
    expect(form.missing().map(field => field.title)).toEqual([
      'Name',
      'Dataset'
    ]);
    expect(form.fields.filter(field => form.isChanged(field))).toEqual([]);
  });

  it('makes a specification of what was filled in', () => {
    const form = makeForm();
    form.set('name', ' run1 ');
    form.set('dataset', 'ds-1');
    form.set('max_steps', 20);
    form.set('lora.target_modules', 'q_proj, v_proj');
    form.set('lora.advanced', '{"use_rslora": true}');
    expect(form.spec()).toEqual({
      name: 'run1',
      dataset: 'ds-1',
      learning_rate: 0.0002,
      max_steps: 20,
      method: 'qlora',
      lora: {
        r: 16,
        target_modules: ['q_proj', 'v_proj'],
        advanced: { use_rslora: true }
      }
    });
    expect(form.missing()).toEqual([]);
  });

  it('comes back as it was after a reload', () => {
    const form = makeForm();
    form.set('lora.advanced', '{"half');
    const again = makeForm();
    again.restore(form.save());
    expect(again.value('lora.advanced')).toBe('{"half');
    again.restore('no JSON');
    expect(again.value('lora.r')).toBe(16);
  });

  it('takes settings over from a run, but not what belongs to that run', () => {
    const form = makeForm();
    form.apply({ name: 'old', dataset: 'ds-9', max_steps: 5, lora: { r: 8 } });
    expect(form.text('name')).toBe('');
    expect(form.text('dataset')).toBe('');
    expect(form.settings()).toMatchObject({ max_steps: 5, lora: { r: 8 } });
    form.resetSettings();
    expect(form.settings()).not.toHaveProperty('max_steps');
  });

  it.each([
    ['lora.r', 0, 'Give 1 or more.'],
    ['lora.r', 1.5, 'Give a whole number.'],
    ['learning_rate', 0, 'Give a number above 0.'],
    ['learning_rate', 1, 'Give a number below 1.'],
    ['lora.advanced', '[1]', 'Write a JSON object']
  ])('sees that %s cannot be %s', (path, value, words) => {
    const form = makeForm();
    form.set(path, value);
    expect(form.problem(path)).toContain(words);
    expect(form.invalid()).toHaveLength(1);
  });
});

describe('errors of the server', () => {
  it('stand at their field', () => {
    const form = makeForm();
    fail(form, 'spec.lora.r');
    expect(form.problem('lora.r')).toBe('No. Do so.');
    expect(form.problem('name')).toBeNull();
  });

  it('about a part of a JSON field stand at that field', () => {
    const form = makeForm();
    fail(form, 'spec.lora.advanced.r');
    expect(form.errorPath()).toBe('lora.advanced');
  });

  it('about nothing in the form stand elsewhere', () => {
    const form = makeForm();
    fail(form, 'resources.device');
    expect(form.errorPath()).toBeNull();
    expect(form.error?.message).toBe('No.');
  });

  it('go away when the value is changed', () => {
    const form = makeForm();
    fail(form, 'spec.name');
    form.set('lora.r', 8);
    expect(form.error).not.toBeNull();
    form.set('name', 'other');
    expect(form.error).toBeNull();
  });

  it('of a check are shown only where something was filled in', () => {
    const form = makeForm();
    const said = { code: 'x', message: 'Taken.', remedy: null };
    const check = { ...said, fix: null, rows: [] };
    form.checks = [{ ...check, level: 'blocking', field: 'name' }];
    expect(form.problem('name')).toBeNull();
    form.set('name', 'run');
    expect(form.problem('name')).toBe('Taken.');
  });
});

describe('names', () => {
  it('are proposed from dataset and base model', () => {
    expect(proposeName('gretelai/text_to_sql', 'org/Tiny-Instruct', [])).toBe(
      'text-to-sql-Tiny'
    );
    expect(proposeName('', '', [])).toBe('');
  });

  it('are free', () => {
    expect(proposeName('q', 'b', ['Q-b', 'q-b-2'])).toBe('q-b-3');
    expect(freeName('a-b-2', ['a-b-2'])).toBe('a-b-3');
    expect(freeName('new', ['old'])).toBe('new');
  });
});
