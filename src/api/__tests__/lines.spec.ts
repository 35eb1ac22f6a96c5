import { LineReader } from '../lines';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('LineReader', () => {
  it('hands on whole lines only, however they are cut', () => {
    const text = '{"kind":"token","text":"é – ü"}\n{"kind":"finished"}\n';
    const all = bytes(text);
    for (let size = 1; size < all.length; size += 3) {
      const reader = new LineReader();
      const found: unknown[] = [];
      for (let at = 0; at < all.length; at += size) {
        found.push(...reader.push(all.slice(at, at + size)));
      }
      found.push(...reader.end());
      expect(found).toEqual([
        { kind: 'token', text: 'é – ü' },
        { kind: 'finished' }
      ]);
    }
  });

  it('takes a last line without its newline, and skips empty ones', () => {
    const reader = new LineReader();
    expect(reader.push(bytes('{"a":1}\n\n{"b"'))).toEqual([{ a: 1 }]);
    expect(reader.push(bytes(':2}'))).toEqual([]);
    expect(reader.end()).toEqual([{ b: 2 }]);
  });
});
