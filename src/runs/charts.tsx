import * as React from 'react';

import { Button } from '../components';
import { formatBytes, formatNumber } from '../format';
import { useStudio } from '../shell/context';
import type { Range } from './align';
import type { ChartLine } from './chart';
import { Chart } from './chart';
import type { RunCurve } from './curve';
import type { SmallChart } from './samplechart';
import { sampleCharts } from './samplechart';

const SMOOTHING = 0.8;

/** Everything the run measures, over its steps; one zoom and one cursor for all charts. */
export function Charts(props: {
  id: string;
  curve: RunCurve;
  ended: boolean;
}): JSX.Element | null {
  const { id, curve, ended } = props;
  const { trans } = useStudio();
  const [smoothing, setSmoothing] = React.useState(SMOOTHING);
  const [logScale, setLogScale] = React.useState(false);
  const [range, setRange] = React.useState<Range>(null);
  const last = curve.lastStep;
  if (last === null) {
    return ended ? null : (
      <p className="jp-FtStudio-help jp-FtStudio-runs-empty">
        {trans.__('The curves begin with the first training step.')}
      </p>
    );
  }
  const shared = {
    extent: { min: curve.get('loss')?.steps[0] ?? 0, max: last },
    range,
    onRange: setRange,
    sync: id
  };
  const small = smallCharts(curve, trans.__.bind(trans));
  return (
    <section aria-label={trans.__('Curves')}>
      <div className="jp-FtStudio-chartTools">
        <label>
          {trans.__('Smoothing')}
          <input
            type="range"
            min={0}
            max={0.98}
            step={0.02}
            value={smoothing}
            onChange={event => setSmoothing(Number(event.target.value))}
          />
          <output>{smoothing.toFixed(2)}</output>
        </label>
        <label>
          <input
            type="checkbox"
            checked={logScale}
            onChange={event => setLogScale(event.target.checked)}
          />
          {trans.__('Logarithmic loss')}
        </label>
        {range ? (
          <Button
            kind="plain"
            label={trans.__('Show all steps')}
            onClick={() => setRange(null)}
          />
        ) : (
          <span className="jp-FtStudio-help">
            {trans.__('Drag across a chart to zoom in.')}
          </span>
        )}
      </div>
      <div className="jp-FtStudio-charts">
        <div className="jp-FtStudio-charts-main">
          <Chart
            {...shared}
            title={trans.__('Loss')}
            lines={lossLines(curve, smoothing, trans.__.bind(trans))}
            logScale={logScale}
            showStep
            marks={curve.checkpoints.map(event => event.step ?? 0)}
          />
        </div>
        {small.map(chart => (
          <Chart key={chart.title} {...shared} {...chart} />
        ))}
      </div>
    </section>
  );
}

type Translate = (text: string) => string;

function lossLines(
  curve: RunCurve,
  smoothing: number,
  __: Translate
): ChartLine[] {
  const loss = curve.get('loss');
  return [
    {
      label: __('loss'),
      series: loss,
      color: '--jp-brand-color1',
      faint: smoothing > 0
    },
    {
      label: __('smoothed'),
      series: smoothing > 0 ? loss : undefined,
      smoothing,
      color: '--jp-brand-color1'
    },
    {
      label: __('validation'),
      series: curve.get('eval_loss'),
      color: '--jp-warn-color1',
      points: true
    }
  ];
}

/** The other charts, where something was measured for them. */
function smallCharts(curve: RunCurve, __: Translate): SmallChart[] {
  const line = (name: string, label: string, color: string): ChartLine => ({
    label,
    series: curve.get(name),
    color
  });
  const charts: SmallChart[] = [
    ...sampleCharts(curve, __),
    {
      title: __('Learning rate'),
      lines: [line('learning_rate', '', '--jp-brand-color1')],
      format: value => (value === 0 ? '0' : formatNumber(value))
    },
    {
      title: __('Gradient norm'),
      lines: [line('grad_norm', '', '--jp-brand-color1')]
    },
    {
      title: __('Tokens per second'),
      lines: [line('tokens_per_s', '', '--jp-brand-color1')]
    },
    {
      title: __('Memory'),
      lines: [
        line('memory_bytes', __('in use'), '--jp-brand-color1'),
        line('memory_reserved_bytes', __('reserved'), '--jp-warn-color1')
      ],
      format: formatBytes
    }
  ];
  return charts
    .map(chart => ({
      ...chart,
      lines: chart.lines.filter(item => item.series?.length)
    }))
    .filter(chart => chart.lines.length);
}
