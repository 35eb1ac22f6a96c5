import { fireEvent, screen, waitFor } from '@testing-library/react';
import * as React from 'react';

import { job, show, studioAnswering } from '../../__mocks__/studio';
import type { Dataset, DatasetProfile, Finding } from '../../api';
import { ApiError } from '../../api';
import { barHeight } from '../bars';
import { emptyShare } from '../columns';
import { Findings } from '../findings';
import { dataFixes, ProfileModel } from '../profile';
import { tooLong } from '../tokens';

const DATASET = { id: 'd', name: 'sql', content_hash: 'h1' } as Dataset;

function finding(changes: Partial<Finding>): Finding {
  return {
    id: 'duplicates',
    code: 'duplicates',
    level: 'warning',
    message: '3 rows repeat `question`.',
    count: 3,
    share: 0.1,
    column: null,
    rows: [
      { split: 'train', row: 41, text: 'a', same_as: 7, same_as_split: null }
    ],
    remedy: 'Keep the first.',
    fix: fix('dedupe'),
    ...changes
  } as Finding;
}

function fix(kind: 'dedupe' | 'set_max_length' | 'drop_rows') {
  return {
    kind,
    label: `Do ${kind}`,
    finding: 'duplicates',
    columns: [],
    max_length: kind === 'set_max_length' ? 512 : null
  };
}

function profiled(findings: Finding[]): DatasetProfile {
  const profile = {
    dataset_id: 'd',
    content_hash: 'h1',
    rows: 100,
    findings,
    notes: [],
    columns: [],
    tokens: { model_id: 'm1', prompt_id: 'p1' }
  };
  return { dataset_id: 'd', profile, job: null } as unknown as DatasetProfile;
}

async function shown(findings: Finding[], answers = {}) {
  const made = studioAnswering({
    'GET datasets/d/profile': profiled(findings),
    ...answers
  });
  const model = new ProfileModel(made.studio, 'd');
  await model.load();
  const aims: unknown[] = [];
  show(
    made.studio,
    <Findings dataset={DATASET} model={model} onAim={aim => aims.push(aim)} />
  );
  return { ...made, model, aims };
}

describe('the findings of a dataset', () => {
  it('lead to their rows in the grid', async () => {
    const { aims } = await shown([finding({ column: 'question' })]);
    fireEvent.click(screen.getByRole('button', { name: 'train row 42' }));
    expect(aims).toEqual([{ split: 'train', row: 41, column: 'question' }]);
  });

  it('make a cleaned copy in one click, and open it', async () => {
    const { asked, opened } = await shown([finding({})], {
      'POST datasets/d/apply': { id: 'd2' }
    });
    fireEvent.click(screen.getByRole('button', { name: 'Do dedupe' }));
    await waitFor(() => expect(opened).toEqual(['dataset "d2"']));
    const sent = asked.find(({ route }) => route.startsWith('POST'));
    expect(sent?.body).toMatchObject({ fixes: [fix('dedupe')] });
  });

  it('take a max length to the train form, not to the data', async () => {
    const { opened, asked } = await shown([
      finding({ fix: fix('set_max_length') })
    ]);
    fireEvent.click(screen.getByRole('button', { name: 'Do set_max_length' }));
    expect(opened[0]).toContain('"max_length":"512"');
    expect(asked.some(({ route }) => route.startsWith('POST'))).toBe(false);
  });

  it('apply all warnings at once, but no notes', async () => {
    const { asked } = await shown(
      [
        finding({}),
        finding({ id: 'empty', fix: fix('drop_rows') }),
        finding({ id: 'near', level: 'info', fix: fix('dedupe') })
      ],
      { 'POST datasets/d/apply': { id: 'd2' } }
    );
    fireEvent.click(screen.getByRole('button', { name: /all 2 warnings/ }));
    await waitFor(() =>
      expect(
        asked.find(({ route }) => route.startsWith('POST'))?.body
      ).toMatchObject({ fixes: [fix('dedupe'), fix('drop_rows')] })
    );
  });
});

describe('a check', () => {
  it('is under way until its job ends', async () => {
    const running = { ...job(), id: 'j9', state: 'running' };
    const { studio, asked } = studioAnswering({
      'POST datasets/d/profile': running
    });
    const model = new ProfileModel(studio, 'd');
    await model.check({ model: 'm1', prompt: 'p1', max_length: 256 });
    expect(model.job?.id).toBe('j9');
    expect(asked[0].body).toMatchObject({ model: 'm1', max_length: 256 });
  });

  it('that is refused says why', async () => {
    const refusal = new ApiError(
      { code: 'x', message: 'No.', field: 'prompt', remedy: null },
      422
    );
    const { studio } = studioAnswering({ 'POST datasets/d/profile': refusal });
    const model = new ProfileModel(studio, 'd');
    await model.check({});
    expect([model.error?.message, model.busy]).toEqual(['No.', null]);
  });

  it('of other rows than there are now is stale', async () => {
    const { model } = await shown([]);
    expect(model.isStale(DATASET)).toBe(false);
    expect(model.isStale({ ...DATASET, content_hash: 'h2' })).toBe(true);
  });
});

describe('numbers of a profile', () => {
  it('never round something to nothing', () => {
    expect(tooLong({ max_length: 9, too_long: 1, share: 1e-5 })).toBe(
      '1 (< 0.1 %)'
    );
    expect(tooLong({ max_length: 9, too_long: 0, share: 0 })).toBe('0');
    const column = { nulls: 1, blank: 0 } as Parameters<typeof emptyShare>[0];
    expect(emptyShare(column, 1000)).toBe('1 (< 1 %)');
    expect(barHeight(1, 1_000_000)).toBe('4%');
    expect(barHeight(0, 10)).toBe('0');
  });

  it('know which remedies change data', () => {
    const all = [finding({}), finding({ fix: fix('set_max_length') })];
    expect(dataFixes(all)).toEqual([fix('dedupe')]);
  });
});
