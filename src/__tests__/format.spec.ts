import { nullTranslator } from '@jupyterlab/translation';

import {
  formatAgo,
  formatBytes,
  formatCount,
  formatDuration,
  formatNumber,
  formatPercent,
  formatShort
} from '../format';

const trans = nullTranslator.load('ftstudio');

describe('numbers', () => {
  it('have three digits and thousands apart', () => {
    expect(formatNumber(12345)).toBe('12,345');
    expect(formatNumber(0.41234)).toBe('0.412');
    expect(formatNumber(0.0002)).toBe('2e-4');
    expect(formatNumber(null)).toBe('–');
    expect(formatCount(134_515_008)).toBe('135M');
    expect(formatCount(100_000)).toBe('100k');
  });

  it('carry units', () => {
    expect(formatBytes(164_000_000)).toBe('164 MB');
    expect(formatBytes(999)).toBe('999 bytes');
    expect(formatBytes(999_999)).toBe('1 MB');
  });

  it('never say 100 % before the end', () => {
    expect(formatPercent(0.999)).toBe('99 %');
    expect(formatPercent(1)).toBe('100 %');
  });
});

describe('times', () => {
  it('are short', () => {
    expect(formatDuration(45)).toBe('45 s');
    expect(formatDuration(250)).toBe('4 min');
    expect(formatDuration(7800)).toBe('2 h 10 min');
    expect(formatShort(0.02254)).toBe('22.5 ms');
    expect(formatShort(1.254)).toBe('1.25 s');
    expect(formatShort(90)).toBe('2 min');
    const now = Date.parse('2026-01-01T02:10:00Z');
    expect(formatAgo('2026-01-01T00:00:00Z', trans, now)).toBe('2 h ago');
    expect(formatAgo('2026-01-01T02:09:58Z', trans, now)).toBe('just now');
  });
});
