import * as React from 'react';
import uPlot from 'uplot';

import { formatNumber } from '../format';
import { useStudio } from '../shell/context';
import type { Range } from './align';
import { align, smoothed } from './align';
import type { Series } from './curve';
import { useTheme } from './colors';
import { chartOptions } from './options';

/** A line of a chart: a series, and how it is drawn. */
export type ChartLine = {
  label: string;
  series: Series | undefined;
  smoothing?: number;
  color: string;
  /** Faint lines stand behind what is to be read. */
  faint?: boolean;
  /** Single points, joined by a thin line. */
  points?: boolean;
};

export type ChartProps = {
  title: string;
  lines: ChartLine[];
  /** First and last step of the run, the same for all its charts. */
  extent: { min: number; max: number };
  range: Range;
  onRange: (range: Range) => void;
  /** Charts of one key move their cursors together. */
  sync: string;
  logScale?: boolean;
  marks?: number[];
  /** Say at which step the cursor is; one chart of several is enough. */
  showStep?: boolean;
  format?: (value: number, increment?: number) => string;
};

/** What the drawing reads at the moment it draws. */
export type Live = { props: ChartProps; hover: (index: number | null) => void };

/** A chart over the steps of a run. */
export function Chart(props: ChartProps): JSX.Element {
  const { title, lines, logScale } = props;
  const { trans } = useStudio();
  const [index, setIndex] = React.useState<number | null>(null);
  const target = React.useRef<HTMLDivElement>(null);
  const chart = React.useRef<uPlot | null>(null);
  const live = React.useRef<Live>({ props, hover: setIndex });
  live.current = { props, hover: setIndex };
  const shape = `${logScale}|${lines.map(line => line.label).join('|')}`;

  React.useEffect(() => {
    const element = target.current;
    if (!element) {
      return;
    }
    const made = new uPlot(
      chartOptions(live, sizeOf(element)),
      dataOf(live),
      element
    );
    chart.current = made;
    const observer = new ResizeObserver(() => {
      if (element.clientWidth) {
        made.setSize(sizeOf(element));
        made.setData(dataOf(live));
      }
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      chart.current = null;
    };
  }, [shape]);

  const print = printOf(props);
  React.useEffect(() => {
    chart.current?.setData(dataOf(live));
  }, [print]);
  useTheme(() => chart.current?.redraw(false));

  const shown = lines.filter(line => line.series?.length);
  return (
    <figure className="jp-FtStudio-chart" data-chart={title}>
      <figcaption>
        <span className="jp-FtStudio-chart-title">{title}</span>
        <Readout chart={chart.current} index={index} {...props} />
      </figcaption>
      <div
        ref={target}
        className="jp-FtStudio-chart-plot"
        role="img"
        aria-label={describe(props, trans.__('%1: %2 points, %3 at step %4'))}
        data-points={shown.reduce(
          (most, line) => Math.max(most, line.series?.length ?? 0),
          0
        )}
      />
    </figure>
  );
}

/** The values under the cursor, or the newest ones. */
function Readout(
  props: ChartProps & { chart: uPlot | null; index: number | null }
): JSX.Element {
  const { trans } = useStudio();
  const { chart, index, lines, format = formatNumber } = props;
  const step = index === null ? null : chart?.data[0]?.[index];
  return (
    <span className="jp-FtStudio-chart-readout">
      {typeof step === 'number' && props.showStep && (
        <span>{trans.__('step %1', formatNumber(step))}</span>
      )}
      {lines.map((line, position) => {
        const value =
          typeof step === 'number' && index !== null
            ? chart?.data[position + 1]?.[index]
            : newest(line);
        return typeof value === 'number' ? (
          <span key={line.label} title={String(value)}>
            {line.label && (
              <i
                className="jp-FtStudio-chart-key"
                data-faint={line.faint}
                style={{ background: `var(${line.color})` }}
              />
            )}
            {line.label} <b>{format(value)}</b>
          </span>
        ) : null;
      })}
    </span>
  );
}

function newest({ series, smoothing = 0 }: ChartLine): number | null {
  return series?.length ? smoothed(series, smoothing)[series.length - 1] : null;
}

function sizeOf(element: HTMLElement): { width: number; height: number } {
  return {
    width: Math.max(50, element.clientWidth),
    height: Math.max(50, element.clientHeight)
  };
}

function dataOf(live: React.MutableRefObject<Live>): uPlot.AlignedData {
  const { lines, range, logScale } = live.current.props;
  const data = align(
    lines.map(({ series, smoothing }) => ({
      series,
      smoothing: smoothing ?? 0
    })),
    range,
    window.innerWidth
  );
  if (!logScale) {
    return data;
  }
  const [steps, ...values] = data;
  const positive = values.map(line =>
    line.map(value => (value !== null && value > 0 ? value : null))
  );
  return [steps, ...positive];
}

/** Changes exactly when something else is to be drawn. */
function printOf(props: ChartProps): string {
  const { lines, range, extent, marks } = props;
  return JSON.stringify([
    lines.map(line => [line.series?.version, line.smoothing]),
    range,
    extent,
    marks
  ]);
}

function describe(props: ChartProps, words: string): string {
  const line = props.lines.find(item => item.series?.length);
  if (!line?.series) {
    return props.title;
  }
  const { series } = line;
  return words
    .replace('%1', props.title)
    .replace('%2', formatNumber(series.length))
    .replace('%3', formatNumber(series.last))
    .replace('%4', formatNumber(series.lastStep));
}
