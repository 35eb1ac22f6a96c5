/** Height of a row of the grid, in pixels; the style sheet has the same number. */
export const ROW_PX = 26;

/** Browsers cut elements that are taller than some ten million pixels. */
const MOST_PX = 8_000_000;

/**
 * Which of any number of rows a scrolled box shows.
 *
 * Up to MOST_PX the scroll bar moves pixel for pixel; beyond that it is scaled, so that its end
 * is still the last row. `top` is the first row in view, with a fraction.
 */
export class Viewport {
  constructor(
    readonly total: number,
    /** Height of the part that shows rows, in pixels. */
    readonly height: number
  ) {}

  /** Height of the scrolled content, in pixels. */
  get content(): number {
    return Math.min(this.total * ROW_PX, MOST_PX);
  }

  /** Whether a pixel of the scroll bar stands for more than a pixel of rows. */
  get scaled(): boolean {
    return this.total * ROW_PX > MOST_PX;
  }

  /** Rows that fit wholly. */
  get fits(): number {
    return Math.max(1, Math.floor(this.height / ROW_PX));
  }

  /** The first row in view at a scroll position. */
  topAt(scroll: number): number {
    const room = this.content - this.height;
    return room <= 0 ? 0 : this.clamp((scroll / room) * this.lastTop);
  }

  /** The scroll position at which a row is the first in view. */
  scrollAt(top: number): number {
    const room = this.content - this.height;
    return room <= 0 ? 0 : (this.clamp(top) / this.lastTop) * room;
  }

  /** `top` after a turn of the wheel by some pixels. */
  wheeled(top: number, pixels: number): number {
    return this.clamp(top + pixels / ROW_PX);
  }

  /** The nearest `top` at which a row is wholly in view; one from afar comes to the middle. */
  showing(row: number, top: number): number {
    const page = this.height / ROW_PX;
    if (row < top - page || row > top + 2 * page) {
      return this.clamp(row - page / 2);
    }
    if (row < top) {
      return this.clamp(row);
    }
    return this.clamp(Math.max(top, row + 1 - page));
  }

  /** The rows in view and a few around them: first, and one behind the last. */
  around(top: number, margin = 8): [number, number] {
    const first = Math.max(0, Math.floor(top) - margin);
    const last = Math.ceil(top + this.height / ROW_PX) + margin;
    return [first, Math.min(this.total, last)];
  }

  private get lastTop(): number {
    return Math.max(0, this.total - this.height / ROW_PX);
  }

  private clamp(top: number): number {
    return Math.min(Math.max(0, top), this.lastTop);
  }
}

/** A cell of the grid: its place among the rows in view, and its column. */
export type Cell = { row: number; column: number };

/** Where a key leads from a cell; null when the key moves nothing. */
export function moved(
  key: string,
  ctrl: boolean,
  from: Cell,
  size: { rows: number; columns: number; page: number }
): Cell | null {
  const { row, column } = from;
  const last = { row: size.rows - 1, column: size.columns - 1 };
  const to: Record<string, Cell> = {
    ArrowUp: { row: ctrl ? 0 : row - 1, column },
    ArrowDown: { row: ctrl ? last.row : row + 1, column },
    ArrowLeft: { row, column: ctrl ? 0 : column - 1 },
    ArrowRight: { row, column: ctrl ? last.column : column + 1 },
    PageUp: { row: row - size.page, column },
    PageDown: { row: row + size.page, column },
    Home: { row: ctrl ? 0 : row, column: 0 },
    End: { row: ctrl ? last.row : row, column: last.column }
  };
  if (!(key in to)) {
    return null;
  }
  return {
    row: Math.min(Math.max(0, to[key].row), Math.max(0, last.row)),
    column: Math.min(Math.max(0, to[key].column), Math.max(0, last.column))
  };
}

/** Column widths in pixels, from what the first rows hold. */
export function columnWidths(
  columns: { name: string; type: string }[],
  rows: Record<string, unknown>[]
): number[] {
  return columns.map(column => {
    const head = column.name.length + column.type.length + 4;
    const longest = rows.reduce(
      (most, row) => Math.max(most, cellText(row[column.name]).length),
      head
    );
    return Math.min(360, Math.max(72, longest * 7 + 20));
  });
}

/** A value as one line of text. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) {
    return 'null';
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}
