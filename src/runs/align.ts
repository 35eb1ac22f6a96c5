import type { Series } from './curve';
import { lowerBound, smooth, thin } from './smooth';

/** Part of the step axis; null is all of it. */
export type Range = { min: number; max: number } | null;

/** A line of a chart before it is thinned. */
export type Line = {
  series: Series | undefined;
  /** 0 draws the values themselves. */
  smoothing: number;
};

/** Steps, and for each line its value there or null: what uPlot draws. */
export type Aligned = [number[], ...(number | null)[][]];

type Kept = { version: number; weight: number; values: number[] };
const cache = new WeakMap<Series, Kept>();

/** Smoothed values, kept as long as neither series nor weight changed. */
export function smoothed(series: Series, weight: number): readonly number[] {
  if (weight <= 0) {
    return series.values;
  }
  const kept = cache.get(series);
  if (kept && kept.version === series.version && kept.weight === weight) {
    return kept.values;
  }
  const values = smooth(series.values, weight);
  cache.set(series, { version: series.version, weight, values });
  return values;
}

/** The lines on one common axis of steps, no more points than `pixels` can show. */
export function align(lines: Line[], range: Range, pixels: number): Aligned {
  const points = lines.map(line => pointsOf(line, range, pixels));
  const steps = [...new Set(points.flatMap(map => [...map.keys()]))].sort(
    (a, b) => a - b
  );
  return [
    steps,
    ...points.map(map => steps.map(step => map.get(step) ?? null))
  ];
}

function pointsOf(
  line: Line,
  range: Range,
  pixels: number
): Map<number, number> {
  const { series, smoothing } = line;
  if (!series) {
    return new Map();
  }
  const values = smoothed(series, smoothing);
  // One point beyond either edge, so that the line leaves the chart instead of ending in it.
  const from = range ? Math.max(0, lowerBound(series.steps, range.min) - 1) : 0;
  const to = range
    ? Math.min(series.length, lowerBound(series.steps, range.max) + 1)
    : series.length;
  const indices = thin(values, from, to, Math.max(50, Math.floor(pixels / 2)));
  return new Map(indices.map(index => [series.steps[index], values[index]]));
}
