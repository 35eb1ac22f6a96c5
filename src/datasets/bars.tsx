import * as React from 'react';

import type { Histogram } from '../api';
import { formatNumber } from '../format';
import { useStudio } from '../shell/context';

/** A histogram as bars; each bar says its range and count on hover, the whole its words. */
export function Bars(props: {
  histogram: Histogram;
  label: string;
  unit: string;
  /** Bars from this value on are marked. */
  limit?: number | null;
  large?: boolean;
}): JSX.Element {
  const { trans } = useStudio();
  const { edges, counts } = props.histogram;
  const most = Math.max(1, ...counts);
  return (
    <span
      className="jp-FtStudio-bars"
      data-large={Boolean(props.large)}
      role="img"
      aria-label={props.label}
    >
      {counts.map((count, index) => (
        <span
          key={index}
          data-over={
            props.limit !== null &&
            props.limit !== undefined &&
            edges[index] >= props.limit
          }
          title={trans._n(
            '%3 to %4 %5: 1 row',
            '%3 to %4 %5: %2 rows',
            count,
            formatNumber(count),
            formatNumber(round(edges[index])),
            formatNumber(round(edges[index + 1])),
            props.unit
          )}
        >
          <span style={{ height: barHeight(count, most) }} />
        </span>
      ))}
    </span>
  );
}

function round(value: number): number {
  return Math.abs(value) >= 10 ? Math.round(value) : value;
}

/** A few rows among millions are still seen. */
export function barHeight(count: number, most: number): string {
  return count ? `${Math.max(4, Math.round((count / most) * 100))}%` : '0';
}
