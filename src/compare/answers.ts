import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { CompareLine, CompareRequest, Vote } from '../api';
import { ApiError } from '../api';
import type { IFtStudio } from '../tokens';
import { shuffled } from './blind';
import { Sheet } from './sheet';

/** Tokens come faster than anybody reads: the screen follows at this pace. */
const PACE_MS = 60;
/** How long a cancelled comparison may take to say so before the line is cut. */
const PATIENCE_MS = 3_000;

/**
 * The answers to what was asked last: they stream in, can be cancelled and voted on.
 */
export class Answers {
  constructor(private studio: IFtStudio) {}

  sheet: Sheet | null = null;
  /** Which column of the sheet stands at each place of the screen. */
  order: number[] = [];
  /** Names are shown, though the answers may have been asked for blindly. */
  revealed = true;
  state: 'idle' | 'loading' | 'asking' | 'stopping' = 'idle';
  error: ApiError | null = null;

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get asking(): boolean {
    return this.state === 'asking' || this.state === 'stopping';
  }

  /** The answers of a kept comparison. */
  async open(id: string): Promise<Sheet | null> {
    await this.work('loading', async () => {
      this.show(new Sheet(await this.studio.api.comparisons.get(id)), false);
      this.sheet?.end(true);
    });
    return this.error ? null : this.sheet;
  }

  /** Nothing is shown, nothing is wrong. */
  forget(): void {
    this.error = null;
    this.emit();
  }

  /** Ask, and show the answers as they come. */
  async ask(request: CompareRequest, blind: boolean): Promise<void> {
    if (this.asking) {
      return;
    }
    const abort = (this.abort = new AbortController());
    this.running = null;
    await this.work('asking', async () => {
      try {
        await this.studio.api.comparisons.ask(
          request,
          line => this.take(line, blind),
          abort.signal
        );
      } catch (reason) {
        if (!abort.signal.aborted) {
          throw reason;
        }
      } finally {
        if (this.running && !this.sheet?.ended) {
          this.sheet?.end(true);
        }
      }
    });
    if (this.running) {
      await this.settle();
    }
  }

  /** Cancel: said at once, done within a token, and without patience for a server that hangs. */
  stop(): void {
    if (this.state !== 'asking') {
      return;
    }
    const { abort, running } = this;
    this.state = 'stopping';
    this.emit();
    if (!running) {
      abort?.abort();
      return;
    }
    this.studio.api.comparisons.cancel(running).catch(() => abort?.abort());
    window.setTimeout(() => abort?.abort(), PATIENCE_MS);
  }

  voteFor(row: number): Vote | undefined {
    return this.sheet?.comparison.votes.find(vote => vote.row === row);
  }

  /** The better answer to a question (a place on the sheet), or null for none. */
  async vote(row: number, place: number | null): Promise<void> {
    const { sheet, order, studio } = this;
    if (!sheet) {
      return;
    }
    const chosen = place === null ? null : sheet.columns[place];
    const { votes, id, revision, questions } = sheet.comparison;
    const vote: Vote = {
      row,
      column: chosen?.column ?? null,
      setting: chosen?.setting ?? 0,
      shown: order.map(index => sheet.columns[index].column),
      blind: !this.revealed
    };
    try {
      const kept = await studio.api.comparisons.update(
        id,
        { votes: [...votes.filter(old => old.row !== row), vote] },
        revision
      );
      const changes = { revision: kept.revision, votes: kept.votes };
      sheet.comparison = { ...sheet.comparison, ...changes };
      this.revealed ||= kept.votes.length >= questions.length;
      void studio.comparisons.refresh();
    } catch (reason) {
      studio.messages.error(reason);
    }
    this.emit();
  }

  /** Show the names before all votes are cast. */
  reveal(): void {
    this.revealed = true;
    this.emit();
  }

  /** Ask for the kept comparison's name and votes again. */
  async refresh(): Promise<void> {
    const { sheet } = this;
    if (sheet?.saved) {
      const { id } = sheet.comparison;
      sheet.comparison = await this.studio.api.comparisons.get(id);
      this.emit();
    }
  }

  dispose(): void {
    this.abort?.abort();
    window.clearTimeout(this.timer);
    Signal.clearData(this);
  }

  private take(line: CompareLine, blind: boolean): void {
    if (line.event === 'comparison') {
      this.running = line.id;
      this.show(new Sheet(line.comparison), blind);
      this.emit();
      return;
    }
    this.sheet?.take(line);
    this.timer ||= window.setTimeout(() => {
      this.timer = 0;
      this.emit();
    }, PACE_MS);
  }

  private show(sheet: Sheet, blind: boolean): void {
    this.sheet = sheet;
    const places = sheet.columns.map((_, place) => place);
    this.order = blind ? shuffled(places.length) : places;
    this.revealed = !blind;
  }

  /** Take the kept comparison's own word, so that votes build on its newest revision. */
  private async settle(): Promise<void> {
    const { sheet, studio } = this;
    if (sheet?.saved) {
      await this.refresh().catch(() => {
        sheet.saved = false; // it was deleted meanwhile: nothing to vote on
      });
      void studio.comparisons.refresh();
    }
    this.emit();
  }

  private async work(
    state: 'loading' | 'asking',
    task: () => Promise<void>
  ): Promise<void> {
    this.state = state;
    this.error = null;
    this.emit();
    try {
      await task();
    } catch (reason) {
      this.error = ApiError.from(reason);
    }
    this.state = 'idle';
    this.emit();
  }

  private emit(): void {
    this._changed.emit();
  }

  private abort: AbortController | null = null;
  /** Id of the comparison that streams, or streamed last. */
  private running: string | null = null;
  private timer = 0;
  private _changed = new Signal<this, void>(this);
}
