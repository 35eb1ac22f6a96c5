import type { Event } from '../../api';
import { phaseSpans, RunCurve } from '../curve';

function event(fields: Partial<Event> & Pick<Event, 'kind'>): Event {
  return {
    attempt: 1,
    time: '2026-01-01T00:00:00Z',
    step: null,
    epoch: null,
    values: null,
    phase: null,
    path: null,
    row: null,
    prompt: null,
    expected: null,
    text: null,
    code: null,
    message: null,
    remedy: null,
    from_step: null,
    data: null,
    ...fields
  };
}

function losses(from: number, to: number, attempt = 1): Event[] {
  return Array.from({ length: to - from + 1 }, (_, index) =>
    event({
      kind: 'metric',
      attempt,
      step: from + index,
      values: { loss: attempt * 100 + from + index }
    })
  );
}

describe('RunCurve', () => {
  it('keeps each number as a series over the steps', () => {
    const curve = new RunCurve();
    curve.read(losses(1, 3), 0, 90);
    curve.read(
      [event({ kind: 'metric', step: 3, values: { eval_loss: 2 } })],
      90,
      120
    );
    expect(curve.get('loss')?.steps).toEqual([1, 2, 3]);
    expect(curve.get('eval_loss')?.values).toEqual([2]);
    expect(curve.lastStep).toBe(3);
    expect(curve.position).toBe(120);
  });

  it('drops what earlier attempts said beyond the step it resumed from', () => {
    const curve = new RunCurve();
    curve.read(losses(1, 10), 0, 1);
    curve.read([event({ kind: 'checkpoint', step: 8 })], 1, 2);
    curve.read(
      [
        event({ kind: 'resumed', attempt: 2, from_step: 5 }),
        ...losses(6, 7, 2)
      ],
      2,
      3
    );
    expect(curve.get('loss')?.steps).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(curve.get('loss')?.values.slice(4)).toEqual([105, 206, 207]);
    expect(curve.checkpoints).toHaveLength(0);
  });

  it('takes an attempt that does not say where it began at its first point', () => {
    const curve = new RunCurve();
    curve.read([...losses(1, 6), ...losses(3, 4, 2)], 0, 1);
    expect(curve.get('loss')?.values).toEqual([101, 102, 203, 204]);
  });

  it('does not listen to an attempt that is over', () => {
    const curve = new RunCurve();
    curve.read([...losses(1, 2, 2), ...losses(3, 9, 1)], 0, 1);
    expect(curve.get('loss')?.steps).toEqual([1, 2]);
  });

  it('reads every page once, whatever order the answers come in', () => {
    const curve = new RunCurve();
    expect(curve.read(losses(1, 2), 0, 50)).toBe(true);
    expect(curve.read(losses(1, 2), 0, 50)).toBe(false);
    expect(curve.read(losses(9, 9), 80, 90)).toBe(false);
    expect(curve.read(losses(3, 3), 50, 80)).toBe(true);
    expect(curve.get('loss')?.steps).toEqual([1, 2, 3]);
  });

  it('leaves out numbers that are none', () => {
    const curve = new RunCurve();
    curve.read(
      [event({ kind: 'metric', step: 1, values: { loss: NaN } })],
      0,
      1
    );
    expect(curve.get('loss')).toBeUndefined();
  });
});

describe('phaseSpans', () => {
  const at = (second: number) => `2026-01-01T00:00:${10 + second}Z`;
  const phases = [
    event({ kind: 'phase', phase: 'training', time: at(0) }),
    event({ kind: 'phase', phase: 'evaluating', time: at(4) }),
    event({ kind: 'phase', phase: 'training', time: at(5) })
  ];

  it('adds visits up and leaves the last one open', () => {
    const spans = phaseSpans(phases, null, Date.parse(at(8)));
    expect(spans).toEqual([
      { phase: 'training', seconds: 7, open: true },
      { phase: 'evaluating', seconds: 1, open: false }
    ]);
  });

  it('closes the last one where the run ended', () => {
    const spans = phaseSpans(phases, at(6), Date.parse(at(40)));
    expect(spans[0]).toEqual({ phase: 'training', seconds: 5, open: false });
  });
});
