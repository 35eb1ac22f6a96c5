import { act, screen } from '@testing-library/react';
import * as React from 'react';

import type { CompareLine } from '../../api';
import { ApiError } from '../../api';
import type { Answers } from '../../__mocks__/studio';
import { show, studioAnswering } from '../../__mocks__/studio';
import { whyNot } from '../columns';
import { CompareModel } from '../model';
import { CompareView } from '../view';
import { adapter, comparison, lines } from './fixtures';

const page = (items: unknown[]) => ({ items, total: items.length });

const SERVER: Answers = {
  'GET models': page([
    { id: 'm1', name: 'tiny' },
    { id: 'm2', name: 'other' }
  ]),
  'GET adapters': page([
    adapter({}),
    adapter({ id: 'a2', name: 'whisper' }),
    adapter({ id: 'a3', name: 'stranger', base_model_id: 'm2' }),
    adapter({ id: 'a4', name: 'orphan', base_model_id: null })
  ]),
  'GET datasets': page([
    { id: 'd1', name: 'animals', splits: [{ name: 'train', rows: 9 }] }
  ]),
  'GET prompts': page([{ id: 'p1', name: 'ask', dataset_id: 'd1' }]),
  'POST comparisons/example': {
    ...{ split: 'train', row: 4, total: 9, unseen: true, note: 'Unseen.' },
    ...{ prompt: 'What does the cat say?', messages: null, expected: 'meow' },
    values: { animal: 'cat' }
  },
  'GET comparisons/c1': comparison({ state: 'done', revision: 2 }),
  'POST comparisons (stream)': lines()
};

async function started(changes: Answers = {}, args = { adapter: 'a1' }) {
  const found = studioAnswering({ ...SERVER, ...changes });
  const model = new CompareModel(found.studio);
  await model.start(args);
  return { ...found, model };
}

describe('a compare tab', () => {
  it('asks nothing twice: an adapter brings base, dataset, prompt and a row', async () => {
    const { model, asked } = await started();
    expect(model.draft.columns).toMatchObject([
      { base: 'm1', adapter: '' },
      { base: 'm1', adapter: 'a1' }
    ]);
    expect(model.draft).toMatchObject({ dataset: 'd1', prompt: 'p1' });
    expect(model.draft.question.text).toBe('What does the cat say?');
    const example = asked.find(({ route }) => route.endsWith('example'));
    expect(example?.body).toMatchObject({ adapters: ['a1'], row: null });
    model.dispose();
  });

  it('adds adapters of the chosen base only, and says why not others', async () => {
    const { model, studio } = await started();
    const why = (id: string) => {
      const found = model.choices.adapter(id);
      const { columns } = model.draft;
      return found && whyNot(found, columns, model.choices, studio.trans);
    };
    expect(why('a2')).toBeNull();
    expect(why('a1')).toBe('is compared already');
    expect(why('a3')).toBe('belongs to other: add that base model first');
    expect(why('a4')).toBe('its base model is not imported');
    await model.addAdapter('a3');
    expect(model.draft.columns).toHaveLength(2);
    model.addBase('m2');
    await model.addAdapter('a3');
    await model.addAdapter('a2');
    expect(model.draft.columns.map(item => item.adapter)).toEqual([
      '',
      'a1',
      'a2',
      '',
      'a3'
    ]);
    model.dispose();
  });

  it('shows the answers, and takes the kept comparison for what comes after', async () => {
    const { model } = await started();
    await model.ask();
    const { sheet } = model.answers;
    expect(sheet?.answer(1, 0).text).toBe('meow');
    expect(sheet?.comparison.revision).toBe(2);
    expect(model.stale).toBe(false);
    model.write({ text: 'Something else?' });
    expect(model.stale).toBe(true);
    expect(JSON.parse(model.args.draft ?? '').question.edited).toBe(true);
    expect(model.args).toMatchObject({ adapter: 'a1', last: 'c1' });
    model.dispose();
  });

  it('does not lose what came before the answer broke off', async () => {
    const reason = new ApiError(
      { code: 'broken_off', message: 'Broke off.', field: null, remedy: null },
      0
    );
    const { model } = await started({
      'POST comparisons (stream)': async (
        take: (line: CompareLine) => void
      ): Promise<void> => {
        lines().slice(0, 6).forEach(take);
        throw reason;
      }
    });
    await model.ask();
    expect(model.answers.error?.message).toBe('Broke off.');
    expect(model.answers.sheet?.ended).toBe(true);
    expect(model.answers.sheet?.answer(0, 0).text).toBe('wo');
    expect(model.answers.asking).toBe(false);
    model.dispose();
  });

  it('says at once that it cancels, and tells the server', async () => {
    let finish: () => void = () => undefined;
    const { model, asked } = await started({
      'POST comparisons (stream)': (
        take: (line: CompareLine) => void
      ): Promise<void> => {
        lines().slice(0, 5).forEach(take);
        return new Promise(resolve => {
          finish = resolve;
        });
      }
    });
    const asking = model.ask();
    model.answers.stop();
    expect(model.answers.state).toBe('stopping');
    expect(asked[asked.length - 1].route).toBe('POST comparisons/c1/cancel');
    finish();
    await asking;
    expect(model.answers.asking).toBe(false);
    model.dispose();
  });

  it('hides names until the vote', async () => {
    const vote = { row: 0, column: 1 };
    const { model, studio, asked } = await started({
      'PATCH comparisons/c1': comparison({ revision: 3, votes: [vote] })
    });
    model.edit({ blind: true });
    await model.ask();
    show(studio, <CompareView model={model} />);
    expect(screen.getByRole('article', { name: 'Model A' })).toBeTruthy();
    expect(screen.queryByRole('article', { name: 'shout' })).toBeNull();
    await act(() => model.answers.vote(0, 1));
    const sent = asked.find(({ route }) => route === 'PATCH comparisons/c1');
    expect(sent?.body).toMatchObject({
      votes: [{ row: 0, column: 1, blind: true, shown: model.answers.order }]
    });
    expect(await screen.findByRole('article', { name: 'shout' })).toBeTruthy();
    model.dispose();
  });

  it('marks what differs from the expected answer, and is open about a match', async () => {
    const { model, studio } = await started();
    await model.ask();
    const { container } = show(studio, <CompareView model={model} />);
    expect(screen.getByText('✓ exact match')).toBeTruthy();
    expect(screen.getByText('✗ differs')).toBeTruthy();
    const marks = [...container.querySelectorAll('mark')];
    expect(marks.map(mark => mark.textContent)).toEqual(['woof', 'meow']);
    model.dispose();
  });
});
