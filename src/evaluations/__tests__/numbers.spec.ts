import type { MetricInfo } from '../../api';
import { axisOf, intervalOf, pOf, valueOf } from '../numbers';

const SHARE = { percent: true, unit: null } as MetricInfo;
const SECONDS = { percent: false, unit: 's' } as MetricInfo;

describe('numbers of an evaluation', () => {
  it('shows shares in percent and others with their unit', () => {
    expect(valueOf(0.7142, SHARE)).toBe('71.4 %');
    expect(valueOf(1, SHARE)).toBe('100 %');
    expect(valueOf(3.25, SECONDS)).toBe('3.25 s');
    expect(valueOf(0.0085, SECONDS)).toBe('8.5 ms');
    expect(valueOf(null, SHARE)).toBe('–');
  });

  it('shows intervals where there are some', () => {
    expect(intervalOf({ low: 0.111, high: 0.352 }, SHARE)).toBe('11.1 to 35.2');
    expect(intervalOf({ low: null, high: null }, SHARE)).toBe('');
  });

  it('writes p-values as papers do', () => {
    expect(pOf(0.0004)).toBe('p < 0.001');
    expect(pOf(0.0213)).toBe('p = 0.0213');
    expect(pOf(null)).toBe('');
  });

  it('gives shares the whole axis, and others room', () => {
    const estimate = { value: 2, low: -1, high: 4 };
    expect(axisOf([estimate], SHARE)).toEqual([0, 1]);
    const [low, high] = axisOf([estimate], SECONDS);
    expect(low).toBeLessThan(-1);
    expect(high).toBeGreaterThan(4);
    const nothing = axisOf([{ value: null, low: null, high: null }], SECONDS);
    expect(nothing[1]).toBeGreaterThan(nothing[0]);
  });
});
