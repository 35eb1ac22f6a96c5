import type { Event } from '../api';

/** One measured number over the steps of a run; steps only ever grow. */
export class Series {
  readonly steps: number[] = [];
  readonly values: number[] = [];
  /** Grows with each change, for those who keep something computed. */
  version = 0;

  get length(): number {
    return this.steps.length;
  }

  get last(): number | null {
    return this.length ? this.values[this.length - 1] : null;
  }

  get lastStep(): number | null {
    return this.length ? this.steps[this.length - 1] : null;
  }

  /** Add a point; one at a step that is there already takes its place. */
  add(step: number, value: number): void {
    if (this.length && step <= this.steps[this.length - 1]) {
      this.dropAfter(step - 1);
    }
    this.steps.push(step);
    this.values.push(value);
    this.version += 1;
  }

  /** Take back all points beyond a step. */
  dropAfter(step: number): void {
    while (this.length && this.steps[this.length - 1] > step) {
      this.steps.pop();
      this.values.pop();
      this.version += 1;
    }
  }
}

export type PhaseSpan = { phase: string; seconds: number; open: boolean };

/**
 * A run as its events tell it, read once, in order, as they come.
 *
 * As ftstudio_ext/core/curve.py has it: an attempt that resumed from a step takes back what
 * earlier attempts said beyond it; one that does not say where it began takes back everything
 * from its first point on. Events of attempts that are over are left out.
 */
export class RunCurve {
  readonly series = new Map<string, Series>();
  checkpoints: Event[] = [];
  samples: Event[] = [];
  warnings: Event[] = [];
  /** Phases of the newest attempt. */
  phases: Event[] = [];
  /** Byte position behind the last event that was read. */
  position = 0;
  attempt = 0;

  get(name: string): Series | undefined {
    return this.series.get(name);
  }

  /** The newest step that anything was measured at. */
  get lastStep(): number | null {
    const steps = [...this.series.values()].map(series => series.lastStep ?? 0);
    return steps.length ? Math.max(...steps) : null;
  }

  /** Read a page that was asked for with `after`; a page of another place is left alone. */
  read(events: Event[], after: number, position: number): boolean {
    if (after !== this.position || position < after) {
      return false;
    }
    events.forEach(event => this.take(event));
    this.position = position;
    return true;
  }

  private take(event: Event): void {
    if (event.attempt < this.attempt) {
      return;
    }
    if (event.attempt > this.attempt) {
      this.begin(event);
    }
    switch (event.kind) {
      case 'metric':
        this.takeMetric(event);
        break;
      case 'phase':
        this.phases.push(event);
        break;
      case 'checkpoint':
        this.checkpoints.push(event);
        break;
      case 'sample':
        this.samples.push(event);
        break;
      case 'warning':
        this.warnings.push(event);
        break;
      case 'resumed':
        this.dropAfter(event.from_step ?? 0);
        this._said = true;
        break;
    }
  }

  private begin(event: Event): void {
    this.attempt = event.attempt;
    this.phases = [];
    this._said = false;
  }

  private takeMetric(event: Event): void {
    const { step, values } = event;
    if (step === null || !values) {
      return;
    }
    if (!this._said) {
      this.dropAfter(step - 1);
      this._said = true;
    }
    for (const [name, value] of Object.entries(values)) {
      if (Number.isFinite(value)) {
        this.of(name).add(step, value);
      }
    }
  }

  private dropAfter(step: number): void {
    this.series.forEach(series => series.dropAfter(step));
    const stays = (event: Event) => event.step === null || event.step <= step;
    this.checkpoints = this.checkpoints.filter(stays);
    this.samples = this.samples.filter(stays);
    this.warnings = this.warnings.filter(stays);
  }

  private of(name: string): Series {
    const found = this.series.get(name);
    if (found) {
      return found;
    }
    const made = new Series();
    this.series.set(name, made);
    return made;
  }

  private _said = false;
}

/** How long each phase took, visits added up; the last one is open until `end`. */
export function phaseSpans(
  phases: Event[],
  end: string | null,
  now: number
): PhaseSpan[] {
  const spans = new Map<string, PhaseSpan>();
  phases.forEach((event, index) => {
    const { phase } = event;
    if (!phase) {
      return;
    }
    const next = phases[index + 1]?.time;
    const open = !next && !end;
    const until = next ?? end;
    const stop = until ? Date.parse(until) : now;
    const span = spans.get(phase) ?? { phase, seconds: 0, open: false };
    span.seconds += Math.max(0, (stop - Date.parse(event.time)) / 1000);
    span.open = open;
    spans.set(phase, span);
  });
  return [...spans.values()];
}
