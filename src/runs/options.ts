import type { MutableRefObject } from 'react';
import uPlot from 'uplot';

import { formatNumber } from '../format';
import type { ChartLine, Live } from './chart';
import { cssColor, cssFont } from './colors';

type Size = { width: number; height: number };
/** Steps are whole, also where few of them fill a wide axis. */
const WHOLE = [1, 10, 100, 1e3, 1e4, 1e5, 1e6].flatMap(unit => [
  unit,
  2 * unit,
  5 * unit
]);

type LiveRef = MutableRefObject<Live>;

/** How a chart of a run is drawn; colours are read anew with each drawing. */
export function chartOptions(live: LiveRef, size: Size): uPlot.Options {
  const { props } = live.current;
  return {
    ...size,
    padding: [8, 12, 0, 0],
    legend: { show: false },
    scales: {
      x: { time: false, range: () => xRange(live) },
      y: props.logScale ? { distr: 3 } : { range: yRange }
    },
    axes: [
      { ...axis(30), incrs: WHOLE, values: stepWords },
      { ...axis(56), values: tickWords(live) }
    ],
    series: [{}, ...props.lines.map(toSeries)],
    cursor: {
      y: false,
      sync: { key: props.sync },
      drag: { x: true, y: false, setScale: false },
      points: { size: 6 },
      bind: {
        dblclick: () => () => {
          live.current.props.onRange(null);
          return null;
        }
      }
    },
    hooks: {
      setCursor: [plot => live.current.hover(plot.cursor.idx ?? null)],
      setSelect: [plot => select(plot, live)],
      drawAxes: [plot => drawMarks(plot, live)]
    }
  };
}

function xRange(live: LiveRef): uPlot.Range.MinMax {
  const { range, extent } = live.current.props;
  const { min, max } = range ?? extent;
  return max > min ? [min, max] : [min - 1, min + 1];
}

/** A flat line stands in the middle, not on an edge. */
function yRange(_: uPlot, min: number, max: number): uPlot.Range.MinMax {
  if (min === null || max === null) {
    return [0, 1];
  }
  const room = (max - min) * 0.08 || Math.abs(max) * 0.1 || 1;
  return [min >= 0 ? Math.max(0, min - room) : min - room, max + room];
}

function axis(size: number): uPlot.Axis {
  const line = { stroke: () => cssColor('--jp-border-color2'), width: 1 };
  return {
    size,
    stroke: () => cssColor('--jp-ui-font-color2'),
    font: cssFont(),
    grid: line,
    ticks: { ...line, size: 4 }
  };
}

function stepWords(_: uPlot, values: number[]): string[] {
  return values.map(value => formatNumber(value));
}

/** Neighbouring ticks never read the same. */
function tickWords(live: LiveRef): uPlot.Axis.Values {
  return (_, values, _axis, _space, increment) => {
    const { format, logScale } = live.current.props;
    const words = format ?? (logScale ? formatNumber : formatTick);
    return values.map(value =>
      value === null ? null : words(value, increment)
    );
  };
}

function formatTick(value: number, increment: number): string {
  const digits = increment > 0 ? -Math.floor(Math.log10(increment)) : 0;
  return digits < 1 || digits > 4
    ? formatNumber(value)
    : value.toFixed(Math.max(0, digits));
}

function toSeries(line: ChartLine): uPlot.Series {
  return {
    label: line.label,
    stroke: () => cssColor(line.color),
    width: line.faint ? 1 : 2,
    alpha: line.faint ? 0.45 : 1,
    spanGaps: true,
    points: line.points
      ? { show: true, size: 6, fill: () => cssColor(line.color) }
      : { show: () => line.series?.length === 1, size: 5 }
  };
}

function select(plot: uPlot, live: LiveRef): void {
  const { left, width } = plot.select;
  if (width < 4) {
    return;
  }
  const min = plot.posToVal(left, 'x');
  const max = plot.posToVal(left + width, 'x');
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  live.current.props.onRange({ min, max });
}

/** Small triangles on the axis where checkpoints were written. */
function drawMarks(plot: uPlot, live: LiveRef): void {
  const { ctx, bbox } = plot;
  const { marks = [] } = live.current.props;
  const ratio = window.devicePixelRatio || 1;
  const [width, height] = [4 * ratio, 6 * ratio];
  const foot = bbox.top + bbox.height;
  ctx.save();
  ctx.fillStyle = cssColor('--jp-ui-font-color2');
  for (const step of marks) {
    const x = plot.valToPos(step, 'x', true);
    if (x >= bbox.left && x <= bbox.left + bbox.width) {
      ctx.beginPath();
      ctx.moveTo(x - width, foot);
      ctx.lineTo(x + width, foot);
      ctx.lineTo(x, foot - height);
      ctx.fill();
    }
  }
  ctx.restore();
}
