import type { Estimate, MetricInfo } from '../api';
import { formatNumber, formatShort } from '../format';

/** A metric's value as people read it: "71 %", "0.412", "3.4 s". */
export function valueOf(
  value: number | null | undefined,
  info: MetricInfo
): string {
  if (value === null || value === undefined) {
    return '–';
  }
  if (info.percent) {
    return `${formatNumber(Number((100 * value).toPrecision(3)))} %`;
  }
  if (info.unit === 's') {
    return formatShort(value);
  }
  return info.unit
    ? `${formatNumber(value)} ${info.unit}`
    : formatNumber(value);
}

/** "58–81": the interval in the value's own units, without repeating them. */
export function intervalOf(
  { low, high }: Pick<Estimate, 'low' | 'high'>,
  info: MetricInfo
): string {
  if (low === null || high === null) {
    return '';
  }
  const scale = info.percent ? 100 : 1;
  const [from, to] = [low, high].map(bound =>
    formatNumber(Number((scale * bound).toPrecision(3)))
  );
  return `${from} to ${to}`;
}

/** A p-value as papers write it. */
export function pOf(p: number | null): string {
  if (p === null) {
    return '';
  }
  return p < 0.001 ? 'p < 0.001' : `p = ${formatNumber(p)}`;
}

/** The ends of an axis that holds all values, with a little room; shares go from 0 to 1. */
export function axisOf(
  estimates: Pick<Estimate, 'value' | 'low' | 'high'>[],
  info: MetricInfo
): [number, number] {
  if (info.percent) {
    return [0, 1];
  }
  const values = estimates
    .flatMap(({ value, low, high }) => [value, low, high])
    .filter((value): value is number => typeof value === 'number');
  const low = Math.min(0, ...values);
  const high = Math.max(0, ...values);
  const room = 0.05 * (high - low);
  return [low - (low < 0 ? room : 0), high + (high > 0 ? room : 0) || 1];
}
