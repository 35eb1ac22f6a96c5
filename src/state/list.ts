import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { Collection, IListQuery } from '../api';
import { ApiError } from '../api';

/** The part of a collection that a list needs. */
export type Source<T> = Pick<Collection<T, never, never>, 'list'>;

const PAGE = 25;

/**
 * A searched, paged view of one collection.
 *
 * It starts with one page; `more()` shows another. A failed refresh keeps what was there and
 * sets `error`.
 */
export class ListModel<T> {
  constructor(
    private source: Source<T>,
    private fixed: IListQuery = {},
    private page = PAGE
  ) {
    this._limit = page;
  }

  items: T[] = [];
  total = 0;
  error: ApiError | null = null;
  /** False until the first answer. */
  loaded = false;
  /** When the list was last asked for, in milliseconds. */
  asked = 0;

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get query(): string {
    return this._query;
  }

  /** Search by words; an empty text shows all. */
  search(query: string): Promise<void> {
    this._query = query;
    this._limit = this.page;
    return this.refresh();
  }

  /** Whether the server has more than is shown. */
  get hasMore(): boolean {
    return this.total > this.items.length;
  }

  /** Show another page. */
  more(): Promise<void> {
    this._limit += this.page;
    return this.refresh();
  }

  /** Ask the server again; never throws. */
  async refresh(background = false): Promise<void> {
    const turn = ++this._turn;
    this.asked = Date.now();
    try {
      const query = { ...this.fixed, q: this._query, limit: this._limit };
      const page = await this.source.list(query, { background });
      if (turn === this._turn) {
        this.take(page.items, page.total);
      }
    } catch (reason) {
      if (turn === this._turn) {
        this.error = ApiError.from(reason);
        this._changed.emit();
      }
    }
  }

  private take(items: T[], total: number): void {
    const print = JSON.stringify([items, total]);
    const same = this.loaded && !this.error && print === this._print;
    this.items = items;
    this.total = total;
    this.error = null;
    this.loaded = true;
    this._print = print;
    if (!same) {
      this._changed.emit();
    }
  }

  private _changed = new Signal<this, void>(this);
  private _limit: number;
  private _print = '';
  private _query = '';
  private _turn = 0;
}
