import type { Sheet } from './sheet';

/** A share of rows: how many of those that can be judged. */
export type Share = { passed: number; of: number };

/** How a column did over all rows. */
export type Totals = {
  answered: number;
  exact: Share;
  normalized: Share;
  task: Share;
  votes: number;
  tokens: number;
  /** Means over the answers that have the number. */
  first_token_s: number | null;
  tokens_per_s: number | null;
};

/** Sums and means of one column of the sheet. */
export function totalsOf(sheet: Sheet, place: number): Totals {
  const { questions, votes } = sheet.comparison;
  const { column, setting } = sheet.columns[place];
  const metrics = questions
    .map((_, row) => sheet.answer(place, row).metrics)
    .filter(found => found !== null);
  return {
    answered: metrics.length,
    exact: share(metrics.map(item => item.exact)),
    normalized: share(
      metrics.map(item =>
        item.exact === null ? null : item.exact || item.normalized
      )
    ),
    task: share(
      metrics.map(({ task }) =>
        task && task.kind !== 'label' ? task.passed : null
      )
    ),
    votes: votes.filter(
      vote => vote.column === column && (vote.setting ?? 0) === setting
    ).length,
    tokens: metrics.reduce((sum, item) => sum + item.tokens, 0),
    first_token_s: mean(metrics.map(item => item.first_token_s)),
    tokens_per_s: mean(metrics.map(item => item.tokens_per_s))
  };
}

function share(verdicts: (boolean | null)[]): Share {
  const judged = verdicts.filter(verdict => verdict !== null);
  return { passed: judged.filter(Boolean).length, of: judged.length };
}

function mean(values: (number | null)[]): number | null {
  const known = values.filter(value => value !== null);
  return known.length
    ? known.reduce((sum, value) => sum + value, 0) / known.length
    : null;
}
