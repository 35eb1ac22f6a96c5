/** A part of a template as the editor colours it. */
export type Piece = {
  text: string;
  kind: 'text' | 'column' | 'section' | 'unknown' | 'brace' | 'broken';
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
  if (!columns.includes(columnOf(mark))) {
    return 'unknown';
  }
  return isSection(mark) ? 'section' : 'column';
}

/** `{?column}` begins a part that stands only where the column has a value; `{/column}` ends it. */
function isSection(mark: string): boolean {
  return mark[1] === '?' || mark[1] === '/';
}

function columnOf(mark: string): string {
  return mark.slice(isSection(mark) ? 2 : 1, -1);
}

/** The columns that templates ask for, each once, in their order. */
export function columnsUsed(templates: readonly string[]): string[] {
  const found = templates.flatMap(template =>
    piecesOf(template, [])
      .filter(piece => piece.kind === 'unknown')
      .map(piece => columnOf(piece.text))
  );
  return [...new Set(found)];
}
