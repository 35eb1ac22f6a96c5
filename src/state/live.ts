import type { Event } from '@jupyterlab/services';
import type { ISignal } from '@lumino/signaling';
import type { IDisposable } from '@lumino/disposable';
import { Poll } from '@lumino/polling';
import { Signal } from '@lumino/signaling';

import type { Job, JobHint } from '../api';
import type { ListModel } from './list';
import type { StatusModel } from './status';

const ACTIVE: ReadonlySet<string> = new Set([
  'starting',
  'running',
  'stopping'
]);

/** How long a list may go unasked while nothing hints at a change. */
const STALE_MS = 30_000;
const FAST_MS = 2_000;
const SLOW_MS = 15_000;
/** Hints come in bursts; one refresh answers them all. */
const GATHER_MS = 250;

interface IRefreshable {
  asked: number;
  items: readonly unknown[];
  refresh(background?: boolean): Promise<void>;
}

/** Everything that `Live` keeps fresh. */
export interface ILiveOptions {
  jobs: ListModel<Job>;
  status: StatusModel;
  /** Lists that change when a job ends or another window acts. */
  others: IRefreshable[];
  events: Event.IManager | null;
}

/**
 * Keeps all models fresh with one poll, which stands by while the page is hidden and backs off
 * when the server does not answer. Hints of the event bus make it ask at once.
 */
export class Live implements IDisposable {
  constructor(private options: ILiveOptions) {
    this._poll = new Poll({
      name: 'ftstudio:live',
      auto: true,
      standby: 'when-hidden',
      frequency: { interval: SLOW_MS, backoff: true, max: 120_000 },
      factory: () => this.tick()
    });
    options.events?.stream.connect(this.onEvent, this);
  }

  /** A job changed, as the event bus says; may be lost, so only a reason to look. */
  get hinted(): ISignal<this, JobHint> {
    return this._hinted;
  }

  /** Ask for everything now. */
  async refresh(): Promise<void> {
    this.options.others.forEach(list => {
      list.asked = 0;
    });
    await this._poll.refresh();
  }

  get isDisposed(): boolean {
    return this._poll.isDisposed;
  }

  dispose(): void {
    window.clearTimeout(this._timer);
    this.options.events?.stream.disconnect(this.onEvent, this);
    this._poll.dispose();
    Signal.clearData(this);
  }

  private async tick(): Promise<void> {
    const { jobs, status, others } = this.options;
    const stale = Date.now() - STALE_MS;
    await Promise.all([
      jobs.refresh(true),
      status.refresh(true),
      ...others
        .filter(list => list.asked < stale || isWorking(list))
        .map(list => list.refresh(true))
    ]);
    const active = [jobs, ...others].some(isWorking);
    const interval = active ? FAST_MS : SLOW_MS;
    if (this._poll.frequency.interval !== interval) {
      this._poll.frequency = { ...this._poll.frequency, interval };
    }
    if (jobs.error && jobs.error.status === 0) {
      throw jobs.error;
    }
  }

  private onEvent(_: Event.IManager, event: Event.Emission): void {
    if (!event.schema_id.includes('ftstudio')) {
      return;
    }
    const hint = event as unknown as JobHint;
    this._hinted.emit(hint);
    if (hint.kind !== 'progress' && hint.kind !== 'events') {
      this.options.others.forEach(list => {
        list.asked = 0;
      });
    }
    if (!this._timer) {
      this._timer = window.setTimeout(() => {
        this._timer = 0;
        void this._poll.refresh();
      }, GATHER_MS);
    }
  }

  private _hinted = new Signal<this, JobHint>(this);
  private _poll: Poll;
  private _timer = 0;
}

/** Whether something in a list is at work, such as a run or an evaluation. */
function isWorking({ items }: Pick<IRefreshable, 'items'>): boolean {
  return items.some(item =>
    ACTIVE.has(String((item as { state?: unknown }).state))
  );
}
