import { Sheet } from '../sheet';
import { totalsOf } from '../totals';
import { column, comparison, key, lines, metrics } from './fixtures';

/** A sheet after the first `count` lines of a comparison. */
function after(count: number): Sheet {
  const sheet = new Sheet(comparison());
  lines()
    .slice(1, count)
    .forEach(line => sheet.take(line));
  return sheet;
}

describe('Sheet', () => {
  it('says what happens while nobody writes', () => {
    expect(after(2).status?.message).toBe('Loading tiny in 4 bits.');
    expect(after(3).status).toBeNull();
  });

  it('fills each column with what comes for it', () => {
    const sheet = after(7);
    expect(sheet.answer(0, 0)).toMatchObject({ state: 'writing', text: 'wo' });
    expect(sheet.answer(1, 0)).toMatchObject({ text: 'meow', tokens: 2 });
    expect(sheet.answered).toBe(0);
  });

  it('takes the whole text and the numbers at the end of an answer', () => {
    const sheet = after(99);
    expect(sheet.answer(0, 0)).toMatchObject({ state: 'done', text: 'woof' });
    expect(sheet.answered).toBe(sheet.expectedAnswers);
    expect(sheet.ended).toBe(true);
  });

  it('leaves the answers that did not move as they are', () => {
    const sheet = after(6);
    const before = sheet.answer(0, 0);
    sheet.take(lines()[6]);
    expect(sheet.answer(0, 0)).toBe(before);
  });

  it('keeps what was written when an answer fails, and what else is worth knowing', () => {
    const sheet = after(7);
    const error = { code: 'x', message: 'Gone.', field: null, remedy: null };
    sheet.take({ event: 'error', error, answer: key(1) });
    sheet.take({
      ...{ event: 'notice', code: 'switching', message: 'DoRA' },
      columns: [1]
    });
    sheet.take({ event: 'error', error, answer: null });
    expect(sheet.answer(1, 0)).toMatchObject({ state: 'failed', text: 'meow' });
    expect(sheet.failures).toEqual({ count: 1, error });
    expect(sheet.notices).toHaveLength(1);
    expect(sheet.error).toBe(error);
  });

  it('shows a column for each of its settings', () => {
    const sheet = new Sheet(
      comparison({
        columns: [column({}), column({ generation: { temperature: 2 } })],
        generation: [{ temperature: 0 }, { temperature: 1 }]
      })
    );
    expect(
      sheet.columns.map(shown => [shown.column, shown.settings.temperature])
    ).toEqual([
      [0, 0],
      [0, 1],
      [1, 2],
      [1, 2]
    ]);
  });
});

describe('totals', () => {
  it('count, of those rows that can be judged', () => {
    const [question] = comparison().questions;
    const sheet = new Sheet(
      comparison({
        questions: [question, { ...question, expected: null }, question],
        votes: [{ row: 0, column: 1 }],
        answers: [
          metrics({ exact: true, first_token_s: 1 }),
          metrics({ exact: null, first_token_s: 3 }),
          metrics({ normalized: true, first_token_s: null })
        ].map((found, row) => ({
          ...{ answer: key(1, row), text: 'x', error: null },
          metrics: found
        }))
      })
    );
    expect(totalsOf(sheet, 1)).toMatchObject({
      exact: { passed: 1, of: 2 },
      normalized: { passed: 2, of: 2 },
      votes: 1,
      tokens: 6,
      first_token_s: 2
    });
    expect(totalsOf(sheet, 0)).toMatchObject({
      answered: 0,
      tokens_per_s: null
    });
  });
});
