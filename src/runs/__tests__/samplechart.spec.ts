import type { Event } from '../../api';
import { RunCurve } from '../curve';
import { sampleCharts } from '../samplechart';

function curveOf(values: Record<string, number>): RunCurve {
  const curve = new RunCurve();
  const event = { kind: 'metric', attempt: 1, step: 5, values };
  curve.read([event as unknown as Event], 0, 1);
  return curve;
}

const words = (text: string) => text;

describe('the chart of sample answers', () => {
  it('has shares in percent, and points on a scale of their own', () => {
    const curve = curveOf({
      loss: 1,
      sample_exact_match: 0.25,
      sample_bleu: 31
    });
    const [shares, points] = sampleCharts(curve, words);
    expect(shares.lines.map(line => line.label)).toEqual(['exact match']);
    expect(shares.format?.(0.25)).toBe('25 %');
    expect(points.lines.map(line => line.label)).toEqual(['bleu']);
  });

  it('has no lines where no answers are judged', () => {
    const charts = sampleCharts(curveOf({ loss: 1, eval_loss: 2 }), words);
    expect(charts.flatMap(chart => chart.lines)).toEqual([]);
  });
});
