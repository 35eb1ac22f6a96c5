import {
  draftOf,
  EMPTY,
  isAsked,
  loadDraft,
  rowsOf,
  saveDraft,
  toRequest
} from '../draft';
import { comparison } from './fixtures';

describe('row numbers', () => {
  it('are counted from 1 by people, from 0 by the server', () => {
    expect(rowsOf('3, 8-10 3')).toEqual([2, 7, 8, 9]);
    expect(rowsOf('')).toEqual([]);
  });

  it('are refused where they are none', () => {
    for (const text of ['a', '0', '5-3', '1-', '1-999999']) {
      expect(rowsOf(text)).toBeNull();
    }
  });
});

describe('a draft', () => {
  it('asks its question with where it comes from', () => {
    const draft = draftOf(comparison());
    expect(toRequest(draft)).toMatchObject({
      columns: [
        { base_model: 'm1', adapter: null },
        { base_model: 'm1', adapter: 'a1' }
      ],
      question: {
        text: 'What does the cat say?',
        expected: 'meow',
        dataset: 'd1',
        prompt: 'p1',
        split: 'train',
        row: 4
      },
      precision: '4-bit'
    });
  });

  it('asks rows by number, or a number of rows', () => {
    const draft = { ...EMPTY, mode: 'rows' as const, dataset: 'd1' };
    expect(toRequest({ ...draft, count: 3, seed: 9 }).rows).toMatchObject({
      count: 3,
      seed: 9,
      split: null
    });
    const chosen = toRequest({ ...draft, rows: '2', split: 'test' }).rows;
    expect(chosen).toMatchObject({ rows: [1], split: 'test' });
  });

  it('is refilled from a kept grid', () => {
    const [question] = comparison().questions;
    const questions = [question, { ...question, row: 7 }];
    const draft = draftOf(comparison({ questions, rows: 2 }));
    expect(draft).toMatchObject({ mode: 'rows', rows: '5, 8', split: 'train' });
  });

  it('knows whether it is what was asked', () => {
    const { question } = draftOf(comparison());
    const [asked] = comparison().questions;
    expect(isAsked(question, asked)).toBe(true);
    expect(isAsked({ ...question, text: 'other' }, asked)).toBe(false);
    const messages = [{ role: 'user' as const, content: 'hi' }];
    expect(isAsked({ ...question, messages }, { ...asked, messages })).toBe(
      true
    );
  });

  it('outlives a reload, and what cannot be read of it', () => {
    const draft = { ...EMPTY, blind: true };
    expect(loadDraft(saveDraft(draft))).toEqual(draft);
    expect(loadDraft('{')).toEqual(EMPTY);
    expect(loadDraft(undefined)).toEqual(EMPTY);
  });
});
