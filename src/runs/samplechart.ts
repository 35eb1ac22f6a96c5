import { formatNumber } from '../format';
import type { ChartLine } from './chart';
import type { RunCurve } from './curve';

/** A chart beside the loss, and how its values read. */
export type SmallChart = {
  title: string;
  lines: ChartLine[];
  format?: (value: number, increment?: number) => string;
};

/** As ftstudio_ext/workers/sample_scores.py names its values. */
const PREFIX = 'sample_';
/** Given from 0 to 100; everything else lies between 0 and 1. */
const POINTS: ReadonlySet<string> = new Set(['bleu', 'chrf']);
const COLORS = [
  '--jp-brand-color1',
  '--jp-warn-color1',
  '--jp-success-color1',
  '--jp-error-color1',
  '--jp-info-color1',
  '--jp-ui-font-color2'
];

/** How the answers to the fixed sample rows score, where a run judges them. */
export function sampleCharts(
  curve: RunCurve,
  __: (text: string) => string
): SmallChart[] {
  const names = [...curve.series.keys()]
    .filter(name => name.startsWith(PREFIX) && curve.get(name)?.length)
    .map(name => name.slice(PREFIX.length));
  const lines = (wanted: string[]): ChartLine[] =>
    wanted.map((name, place) => ({
      label: name.replace(/_/g, ' '),
      series: curve.get(PREFIX + name),
      color: COLORS[place % COLORS.length],
      points: true
    }));
  return [
    {
      title: __('Sample answers'),
      lines: lines(names.filter(name => !POINTS.has(name))),
      format: percent
    },
    {
      title: __('Sample answers, 0 to 100'),
      lines: lines(names.filter(name => POINTS.has(name)))
    }
  ];
}

/** A share in percent, with a digit more where the axis has finer ticks. */
function percent(share: number, increment = 0.01): string {
  return `${formatNumber(Number((share * 100).toFixed(increment < 0.01 ? 1 : 0)))} %`;
}
