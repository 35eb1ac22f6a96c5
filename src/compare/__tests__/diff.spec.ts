import type { Piece } from '../diff';
import { diffWords, words } from '../diff';

const joined = (pieces: Piece[]) => pieces.map(piece => piece.text).join('');
const marked = (pieces: Piece[]) =>
  pieces.map(piece => (piece.same ? piece.text : `[${piece.text}]`)).join('');

describe('words', () => {
  it('keeps every character', () => {
    const text = "SELECT name,\n  age  FROM t WHERE x='é';";
    expect(words(text).join('')).toBe(text);
  });
});

describe('diffWords', () => {
  it('marks what only one of the texts has', () => {
    const { left, right } = diffWords(
      'SELECT name FROM people;',
      'SELECT age FROM people;'
    );
    expect(marked(left)).toBe('SELECT [name] FROM people;');
    expect(marked(right)).toBe('SELECT [age] FROM people;');
  });

  it('joins differences that only white space parts', () => {
    const { left } = diffWords('a red big dog', 'a blue small dog');
    expect(marked(left)).toBe('a [red big] dog');
  });

  it('finds insertions and removals', () => {
    const { left, right } = diffWords('one two three', 'one three four');
    expect(joined(left)).toBe('one two three');
    expect(joined(right)).toBe('one three four');
    expect(marked(left)).toContain('[');
    expect(marked(right).endsWith('four]')).toBe(true);
  });

  it('says nothing about equal texts, and everything about unlike ones', () => {
    expect(diffWords('x y', 'x y').left).toEqual([{ text: 'x y', same: true }]);
    expect(diffWords('', 'b').right).toEqual([{ text: 'b', same: false }]);
    expect(diffWords('', '')).toEqual({ left: [], right: [] });
  });

  it('stays quick with texts of any length', () => {
    const long = (word: string) => `start ${`${word} `.repeat(20_000)}end`;
    const { left } = diffWords(long('a'), long('b'));
    expect(left[0]).toEqual({ text: 'start ', same: true });
    expect(left[left.length - 1]).toEqual({ text: ' end', same: true });
  });
});
