/**
 * Exponential moving average, corrected for its start (Adam's bias correction), so that the
 * first values are not drawn towards zero. `weight` 0 leaves the values as they are; at 0.9 a
 * value counts half as much after about 7 points.
 */
export function smooth(values: readonly number[], weight: number): number[] {
  if (weight <= 0) {
    return values.slice();
  }
  let average = 0;
  let correction = 1;
  return values.map(value => {
    average = weight * average + (1 - weight) * value;
    correction *= weight;
    return average / (1 - correction);
  });
}

/**
 * Indices of the points to draw where there are more of them than pixels: of each bucket the
 * first, the lowest, the highest and the last, so that no spike is lost.
 */
export function thin(
  values: readonly number[],
  from: number,
  to: number,
  buckets: number
): number[] {
  const count = to - from;
  if (count <= buckets * 4) {
    return Array.from(
      { length: Math.max(0, count) },
      (_, index) => from + index
    );
  }
  const chosen: number[] = [];
  for (let bucket = 0; bucket < buckets; bucket++) {
    const start = from + Math.floor((bucket * count) / buckets);
    const end = from + Math.floor(((bucket + 1) * count) / buckets);
    chosen.push(...extremes(values, start, end));
  }
  return chosen;
}

function extremes(
  values: readonly number[],
  start: number,
  end: number
): number[] {
  let low = start;
  let high = start;
  for (let index = start; index < end; index++) {
    if (values[index] < values[low]) {
      low = index;
    }
    if (values[index] > values[high]) {
      high = index;
    }
  }
  const indices = new Set([start, low, high, end - 1]);
  return [...indices].sort((a, b) => a - b);
}

/** First index whose step is at least `step`, in growing steps. */
export function lowerBound(steps: readonly number[], step: number): number {
  let low = 0;
  let high = steps.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (steps[middle] < step) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}
