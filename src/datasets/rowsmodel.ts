import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { RowsPage } from '../api';
import { ApiError } from '../api';
import type { IFtStudio } from '../tokens';

export type Row = Record<string, unknown>;

/** A row that was fetched, and its number in the split. */
export type NumberedRow = { number: number; row: Row };

const PAGE = 100;
/** Rows kept; those far from what is looked at go first. */
const KEPT = 3_000;

/**
 * The rows of one split, or those that a search finds, fetched as they come into view.
 *
 * Rows are counted by their place in what is shown; `at(place)` is undefined until it is here.
 */
export class RowsModel {
  constructor(
    private studio: IFtStudio,
    readonly dataset: string,
    public split: string
  ) {}

  query = '';
  total = 0;
  /** False until the first answer to the present question. */
  loaded = false;
  error: ApiError | null = null;

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  at(place: number): NumberedRow | undefined {
    return this._rows.get(place);
  }

  /** The first rows that are here, for a look at what columns hold. */
  get sample(): Row[] {
    return [...this._rows.values()].slice(0, 30).map(entry => entry.row);
  }

  /** Show another split, or the rows with some text in them. */
  show(change: { split?: string; query?: string }): void {
    Object.assign(this, change);
    this.forget();
    this.want(0, 1);
  }

  /** Ask again after a failure. */
  retry(): void {
    this.error = null;
    this.want(...this._wanted);
  }

  /** Fetch the rows of a window that are not here yet. */
  want(first: number, end: number): void {
    this._wanted = [first, end];
    if (this._fetching || this.error) {
      return;
    }
    const place = this.missing(first, end);
    if (place !== null) {
      void this.fetch(place);
    }
  }

  dispose(): void {
    this._turn += 1;
    this._abort.abort();
    Signal.clearData(this);
  }

  private missing(first: number, end: number): number | null {
    const last = this.loaded ? Math.min(end, this.total) : end;
    for (let place = first; place < last; place++) {
      if (!this._rows.has(place)) {
        return place;
      }
    }
    return null;
  }

  private async fetch(place: number): Promise<void> {
    const turn = this._turn;
    this._fetching = true;
    try {
      const page = await this.studio.api.datasets.rows(
        this.dataset,
        { split: this.split, q: this.query, offset: place, limit: PAGE },
        { signal: this._abort.signal }
      );
      if (turn === this._turn) {
        this.take(page);
      }
    } catch (reason) {
      if (turn === this._turn) {
        this.error = ApiError.from(reason);
      }
    }
    if (turn === this._turn) {
      this._fetching = false;
      this._changed.emit();
      this.want(...this._wanted);
    }
  }

  private take(page: RowsPage): void {
    const { offset, rows } = page;
    rows.forEach((row, index) => {
      const number = page.indices?.[index] ?? offset + index;
      this._rows.set(offset + index, { number, row });
    });
    // A row that the server says exists and does not send would be asked for for ever.
    this.total = rows.length ? page.total : Math.min(page.total, offset);
    this.loaded = true;
    this.trim(offset);
  }

  private trim(near: number): void {
    if (this._rows.size <= KEPT) {
      return;
    }
    for (const place of [...this._rows.keys()]) {
      if (Math.abs(place - near) > KEPT / 2) {
        this._rows.delete(place);
      }
    }
  }

  private forget(): void {
    this._turn += 1;
    this._abort.abort();
    this._abort = new AbortController();
    this._rows.clear();
    this._fetching = false;
    this.error = null;
    this.loaded = false;
    this.total = 0;
    this._changed.emit();
  }

  private _abort = new AbortController();
  private _changed = new Signal<this, void>(this);
  private _fetching = false;
  private _rows = new Map<number, NumberedRow>();
  private _turn = 0;
  private _wanted: [number, number] = [0, 1];
}
