import { columnWidths, moved, ROW_PX, Viewport } from '../viewport';

const HEIGHT = 20 * ROW_PX;

describe('the window of the grid', () => {
  it('scrolls pixel for pixel through thousands of rows', () => {
    const view = new Viewport(5_000, HEIGHT);
    expect(view.scaled).toBe(false);
    expect(view.topAt(100 * ROW_PX)).toBeCloseTo(100);
    expect(view.scrollAt(100)).toBeCloseTo(100 * ROW_PX);
  });

  it('reaches the last of a hundred million rows', () => {
    const view = new Viewport(100_000_000, HEIGHT);
    expect(view.scaled).toBe(true);
    expect(view.topAt(view.content - HEIGHT)).toBeCloseTo(99_999_980);
    expect(view.around(view.topAt(view.content - HEIGHT))[1]).toBe(100_000_000);
    expect(view.topAt(0)).toBe(0);
  });

  it('goes row by row with the wheel, however many there are', () => {
    const view = new Viewport(100_000_000, HEIGHT);
    expect(view.wheeled(5_000_000, 3 * ROW_PX)).toBe(5_000_003);
    expect(view.wheeled(0, -ROW_PX)).toBe(0);
  });

  it('moves no more than it must to show a row', () => {
    const view = new Viewport(1_000, HEIGHT);
    expect(view.showing(105, 100)).toBe(100);
    expect(view.showing(90, 100)).toBe(90);
    expect(view.showing(120, 100)).toBe(101);
    expect(view.showing(500, 100)).toBe(490);
  });

  it('shows few rows without a scroll bar', () => {
    const view = new Viewport(3, HEIGHT);
    expect(view.topAt(50)).toBe(0);
    expect(view.scrollAt(2)).toBe(0);
    expect(view.around(0)).toEqual([0, 3]);
    expect(new Viewport(0, HEIGHT).around(0)).toEqual([0, 0]);
  });
});

describe('the keys of the grid', () => {
  const size = { rows: 100, columns: 4, page: 20 };
  const from = { row: 50, column: 2 };

  it.each([
    ['ArrowUp', false, { row: 49, column: 2 }],
    ['ArrowRight', false, { row: 50, column: 3 }],
    ['PageDown', false, { row: 70, column: 2 }],
    ['Home', false, { row: 50, column: 0 }],
    ['End', true, { row: 99, column: 3 }],
    ['ArrowDown', true, { row: 99, column: 2 }]
  ])('%s (ctrl %s)', (key, ctrl, to) => {
    expect(moved(key, ctrl, from, size)).toEqual(to);
  });

  it('stay inside, and leave other keys alone', () => {
    expect(moved('ArrowUp', false, { row: 0, column: 0 }, size)).toEqual({
      row: 0,
      column: 0
    });
    expect(moved('a', false, from, size)).toBeNull();
  });
});

describe('column widths', () => {
  it('follow what the columns hold, within bounds', () => {
    const columns = [
      { name: 'id', type: 'int64' },
      { name: 'text', type: 'string' }
    ];
    const [id, text] = columnWidths(columns, [
      { id: 1, text: 'x'.repeat(500) }
    ]);
    expect(id).toBeLessThan(120);
    expect(text).toBe(360);
  });
});
