import { align } from '../align';
import { Series } from '../curve';
import { cleanLines } from '../log';
import { lowerBound, smooth, thin } from '../smooth';

function seriesOf(values: number[]): Series {
  const series = new Series();
  values.forEach((value, index) => series.add(index + 1, value));
  return series;
}

describe('smooth', () => {
  it('leaves values alone at weight 0', () => {
    expect(smooth([3, 1, 2], 0)).toEqual([3, 1, 2]);
  });

  it('is not drawn towards zero at the start', () => {
    smooth([5, 5, 5, 5], 0.9).forEach(value => expect(value).toBeCloseTo(5));
  });

  it('follows slower the greater the weight', () => {
    const jump = [0, 0, 0, 0, 1];
    const [fast, slow] = [smooth(jump, 0.5), smooth(jump, 0.9)];
    expect(fast[4]).toBeGreaterThan(slow[4]);
  });
});

describe('thin', () => {
  it('keeps all points while there is room', () => {
    expect(thin([1, 2, 3], 0, 3, 100)).toEqual([0, 1, 2]);
  });

  it('never loses a spike', () => {
    const values = Array.from({ length: 100_000 }, () => 1);
    values[54_321] = 99;
    const kept = thin(values, 0, values.length, 500);
    expect(kept.length).toBeLessThanOrEqual(2_000);
    expect(kept).toContain(54_321);
    expect(kept[kept.length - 1]).toBe(values.length - 1);
  });

  it('finds the place of a step', () => {
    expect(lowerBound([1, 3, 5], 3)).toBe(1);
    expect(lowerBound([1, 3, 5], 4)).toBe(2);
    expect(lowerBound([1, 3, 5], 9)).toBe(3);
  });
});

describe('align', () => {
  it('puts lines of different steps on one axis', () => {
    const loss = seriesOf([4, 3, 2]);
    const evaluated = new Series();
    evaluated.add(2, 3.5);
    const lines = [loss, evaluated].map(series => ({ series, smoothing: 0 }));
    expect(align(lines, null, 800)).toEqual([
      [1, 2, 3],
      [4, 3, 2],
      [null, 3.5, null]
    ]);
  });

  it('is quick with a hundred thousand points', () => {
    const series = seriesOf(
      Array.from({ length: 100_000 }, () => Math.random())
    );
    const began = performance.now();
    const [steps] = align([{ series, smoothing: 0.9 }], null, 1_600);
    expect(performance.now() - began).toBeLessThan(500);
    expect(steps.length).toBeLessThanOrEqual(3_200);
  });

  it('smooths anew after points were taken back', () => {
    const series = seriesOf([1, 1, 9]);
    const before = align([{ series, smoothing: 0.5 }], null, 800)[1][2];
    series.dropAfter(2);
    series.add(3, 1);
    expect(align([{ series, smoothing: 0.5 }], null, 800)[1][2]).not.toBe(
      before
    );
  });
});

describe('cleanLines', () => {
  it('shows of a progress bar its newest state, and no colour codes', () => {
    const text = 'start\n 10%|#\r 20%|##\r\u001b[32m 30%|###\u001b[0m\ndone\n';
    expect(cleanLines(text)).toEqual(['start', ' 30%|###', 'done']);
  });
});
