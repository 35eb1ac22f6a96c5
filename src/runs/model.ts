import { Poll } from '@lumino/polling';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { JobDetail, JobHint } from '../api';
import { ApiError } from '../api';
import { isFinal } from '../components';
import type { IFtStudio } from '../tokens';
import { RunCurve } from './curve';
import { RunLog } from './log';

const FAST_MS = 1_500;
const SLOW_MS = 5_000;
const EVENTS = 10_000;

/**
 * A run, kept fresh while its tab is looked at: the job, its events by byte position, its log.
 *
 * One poll asks; hints of the event bus make it ask at once; a final state ends it.
 */
export class RunModel {
  constructor(
    readonly studio: IFtStudio,
    readonly id: string,
    /** Whether anybody sees the tab. */
    private isVisible: () => boolean
  ) {
    this.log = new RunLog(studio.api, id);
    this._poll = new Poll({
      name: `ftstudio:run-${id}`,
      auto: false,
      standby: () => document.hidden || !this.isVisible(),
      frequency: { interval: FAST_MS, backoff: true, max: 30_000 },
      factory: () => this.refresh()
    });
    studio.live.hinted.connect(this.onHint, this);
  }

  readonly log: RunLog;
  job: JobDetail | null = null;
  curve = new RunCurve();
  /** Why the newest question was not answered. */
  error: ApiError | null = null;
  loaded = false;
  /** An action of the user is under way. */
  busy: 'stop' | 'resume' | null = null;

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Ask now, and go on asking until the run has ended. */
  async again(): Promise<void> {
    await this._poll.refresh();
  }

  /** Stop, with a checkpoint to resume from or at once. */
  stop(save: boolean): Promise<void> {
    return this.act('stop', () => this.studio.api.jobs.stop(this.id, { save }));
  }

  /** Go on from the newest good checkpoint. */
  resume(): Promise<void> {
    return this.act('resume', () => this.studio.api.jobs.resume(this.id));
  }

  dispose(): void {
    this.studio.live.hinted.disconnect(this.onHint, this);
    this._poll.dispose();
    Signal.clearData(this);
  }

  private async act(
    what: 'stop' | 'resume',
    ask: () => Promise<unknown>
  ): Promise<void> {
    this.busy = what;
    this._changed.emit();
    try {
      await ask();
    } catch (reason) {
      this.studio.messages.error(reason);
    } finally {
      this.busy = null;
    }
    this._changed.emit();
    await this._poll.refresh();
    void this.studio.live.refresh();
  }

  private async refresh(): Promise<void> {
    try {
      // The job first: events that are read afterwards are at least as new as its state.
      const job = await this.studio.api.jobs.get(this.id, { background: true });
      await this.readEvents();
      await this.log.refresh();
      this.job = job;
      this.error = null;
      this.loaded = true;
    } catch (reason) {
      this.error = ApiError.from(reason);
      this._changed.emit();
      if (this.error.status === 404) {
        void this._poll.stop();
        return;
      }
      throw reason;
    }
    this._changed.emit();
    this.adjust(this.job);
  }

  private async readEvents(): Promise<void> {
    for (;;) {
      const { position } = this.curve;
      const page = await this.studio.api.jobs.events(
        this.id,
        { after: position, limit: EVENTS },
        { background: true }
      );
      if (page.position < position) {
        this.curve = new RunCurve(); // the file was replaced by a shorter one
        continue;
      }
      this.curve.read(page.events, position, page.position);
      if (!page.more) {
        return;
      }
    }
  }

  private adjust(job: JobDetail): void {
    if (isFinal(job.state)) {
      void this._poll.stop();
      return;
    }
    const waits = job.state === 'queued' || job.state === 'held';
    const interval = waits ? SLOW_MS : FAST_MS;
    if (this._poll.frequency.interval !== interval) {
      this._poll.frequency = { ...this._poll.frequency, interval };
    }
  }

  private onHint(_: unknown, hint: JobHint): void {
    if (hint.job_id !== this.id || this._poll.isDisposed) {
      return;
    }
    void this._poll.refresh();
  }

  private _changed = new Signal<this, void>(this);
  private _poll: Poll;
}
