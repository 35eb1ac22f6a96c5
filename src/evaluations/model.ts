import { Poll } from '@lumino/polling';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type {
  Evaluation,
  EvaluationAgainst,
  EvaluationRowsPage,
  MetricInfo
} from '../api';
import { ApiError } from '../api';
import type { IEvaluationRowsQuery } from '../api/api';
import type { IFtStudio } from '../tokens';

const FINAL: ReadonlySet<string> = new Set([
  'succeeded',
  'failed',
  'stopped',
  'lost'
]);
const POLL_MS = 2_000;
const PAGE = 25;

/** One evaluation: its numbers, and the page of rows that is looked at. */
export class EvaluationModel {
  constructor(
    private studio: IFtStudio,
    readonly id: string
  ) {
    this._poll = new Poll({
      name: `ftstudio:evaluation-${id}`,
      auto: true,
      standby: 'when-hidden',
      frequency: { interval: POLL_MS, backoff: true, max: 60_000 },
      factory: () => this.load()
    });
    studio.live.hinted.connect((_, hint) => {
      if (hint.job_id === id) {
        void this._poll.refresh();
      }
    });
  }

  evaluation: Evaluation | null = null;
  error: ApiError | null = null;
  rows: EvaluationRowsPage | null = null;
  rowsError: ApiError | null = null;
  /** Which rows, in which order. */
  query: IEvaluationRowsQuery = { sort: 'row', offset: 0, limit: PAGE };
  /** The place on the page of the row that is shown in full. */
  chosen: number | null = null;
  /** The split whose numbers are shown; null is all rows. */
  split: string | null = null;
  /** Other evaluations whose numbers stand below this one's. */
  others: Evaluation[] = [];
  /** Their systems against one of this evaluation's; null while it is not known. */
  against: EvaluationAgainst | null = null;
  againstError: ApiError | null = null;
  /** Of this evaluation, with which theirs are compared; the best adapter when it is null. */
  reference: string | null = null;
  /** The metric that the plots show; the primary one when it is null. */
  metric: string | null = null;

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get over(): boolean {
    return FINAL.has(this.evaluation?.state ?? '');
  }

  /** The metric that the plots and the rows are judged by. */
  get info(): MetricInfo | null {
    const { metrics } = this.evaluation ?? {};
    const key = this.metric ?? metrics?.primary_metric;
    return metrics?.infos.find(info => info.key === key) ?? null;
  }

  /** Ask for the numbers, and for the rows once there are some. */
  async load(): Promise<void> {
    const { api } = this.studio;
    try {
      const background = this.evaluation !== null;
      this.evaluation = await api.evaluations.get(this.id, { background });
      this.error = null;
    } catch (reason) {
      this.error = ApiError.from(reason);
    }
    if (this.over) {
      void this._poll.stop();
    }
    if (this.evaluation?.metrics && !this.rows) {
      await this.loadRows();
    }
    this._changed.emit();
  }

  /** Look at other rows; a change of anything but the page begins at the first. */
  async look(query: IEvaluationRowsQuery): Promise<void> {
    this.query = { ...this.query, offset: 0, ...query };
    this.chosen = null;
    this._changed.emit();
    await this.loadRows();
  }

  /** Show another split's numbers, or another metric. */
  show(what: { split?: string | null; metric?: string | null }): void {
    Object.assign(this, what);
    this._changed.emit();
    if ('metric' in what) {
      void this.compareOthers();
      void this.look({ metric: what.metric ?? undefined });
    }
  }

  /** Show another evaluation's numbers as well. */
  async addOther(id: string): Promise<void> {
    try {
      const found = await this.studio.api.evaluations.get(id);
      const known = this.others.some(other => other.job_id === id);
      this.others = known ? this.others : [...this.others, found];
    } catch (reason) {
      this.studio.messages.error(reason);
    }
    await this.compareOthers();
  }

  async removeOther(id: string): Promise<void> {
    this.others = this.others.filter(other => other.job_id !== id);
    await this.compareOthers();
  }

  /** Compare the others with another system of this evaluation. */
  async refer(system: string): Promise<void> {
    this.reference = system;
    await this.compareOthers();
  }

  choose(place: number | null): void {
    this.chosen = this.chosen === place ? null : place;
    this._changed.emit();
  }

  async stop(): Promise<void> {
    try {
      await this.studio.api.jobs.stop(this.id, { save: true });
    } catch (reason) {
      this.studio.messages.error(reason);
    }
    await this.load();
  }

  async resume(): Promise<void> {
    try {
      await this.studio.api.jobs.resume(this.id);
    } catch (reason) {
      this.studio.messages.error(reason);
    }
    await this._poll.start();
    await this.load();
  }

  dispose(): void {
    this._poll.dispose();
    Signal.disconnectReceiver(this);
    Signal.clearData(this);
  }

  /** Pair the others' rows with this evaluation's; a later question wins. */
  private async compareOthers(): Promise<void> {
    const turn = ++this._pairing;
    this._changed.emit();
    const ids = this.others.map(other => other.job_id);
    let against: EvaluationAgainst | null = null;
    let error: ApiError | null = null;
    if (ids.length) {
      const query = {
        metric: this.info?.key,
        system: this.reference ?? undefined
      };
      try {
        against = await this.studio.api.evaluations.against(
          this.id,
          ids,
          query
        );
      } catch (reason) {
        error = ApiError.from(reason);
      }
    }
    if (turn === this._pairing) {
      this.against = against;
      this.againstError = error;
      this._changed.emit();
    }
  }

  private async loadRows(): Promise<void> {
    const turn = ++this._turn;
    try {
      const rows = await this.studio.api.evaluations.rows(this.id, this.query);
      if (turn === this._turn) {
        this.rows = rows;
        this.rowsError = null;
      }
    } catch (reason) {
      if (turn === this._turn) {
        this.rowsError = ApiError.from(reason);
      }
    }
    this._changed.emit();
  }

  private _changed = new Signal<this, void>(this);
  private _poll: Poll;
  private _turn = 0;
  private _pairing = 0;
}
