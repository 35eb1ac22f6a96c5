/** A part of a template as the editor colours it. */
export type Piece = {
  text: string;
  kind: 'text' | 'column' | 'unknown' | 'brace' | 'broken';
};

/** A pair of literal braces, a placeholder, or a brace that stands alone. */
const MARKS = /\{\{|\}\}|\{[^{}\n]*\}|[{}]/g;

/**
 * A template cut where its placeholders begin and end; joined, the pieces are the template.
 *
 * For the eye only and forgiving: what is wrong with a template, the server says in words.
 */
export function piecesOf(
  template: string,
  columns: readonly string[]
): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const match of template.matchAll(MARKS)) {
    const start = match.index ?? 0;
    if (start > at) {
      pieces.push({ text: template.slice(at, start), kind: 'text' });
    }
    pieces.push({ text: match[0], kind: kindOf(match[0], columns) });
    at = start + match[0].length;
  }
  if (at < template.length) {
    pieces.push({ text: template.slice(at), kind: 'text' });
  }
  return pieces;
}

function kindOf(mark: string, columns: readonly string[]): Piece['kind'] {
  if (mark === '{{' || mark === '}}') {
    return 'brace';
  }
  if (mark.length === 1) {
    return 'broken';
  }
  return columns.includes(mark.slice(1, -1)) ? 'column' : 'unknown';
}

/** The columns that templates ask for, each once, in their order. */
export function columnsUsed(templates: readonly string[]): string[] {
  const found = templates.flatMap(template =>
    piecesOf(template, [])
      .filter(piece => piece.kind === 'unknown')
      .map(piece => piece.text.slice(1, -1))
  );
  return [...new Set(found)];
}
