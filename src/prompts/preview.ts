import { Debouncer } from '@lumino/polling';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { Check, Preview, PreviewRequest, StudioApi } from '../api';
import { ApiError } from '../api';
import { Latest } from '../state';
import { TEMPLATE_FIELDS } from './draft';

/** How long to wait for the next keystroke before the server is asked. */
const PAUSE_MS = 250;
/** Checks read many rows, so they wait until the row that is looked at has been answered. */
const CHECKS_PAUSE_MS = 600;
/** How many rows are seen at once, when it is more than one. */
export const MANY = 5;

/** Which rows are shown. */
type Place = { split: string; rows: number[] };

/**
 * Rows of the dataset as a prompt renders them, text and tokens, and what the checks find.
 *
 * It follows the draft: whoever changes that says `follow()`. The place stays until somebody
 * steps on; what is shown stays until there is something newer to show.
 */
export class RowPreview {
  /** `ask` answers the templates to render, or null while there is nothing to render. */
  constructor(
    private api: StudioApi,
    private ask: () => PreviewRequest | null
  ) {}

  answer: Preview | null = null;
  /** Why the templates cannot be rendered. */
  error: ApiError | null = null;
  /** Why there are no tokens, although a base model is chosen. */
  tokensError: ApiError | null = null;
  checks: Check[] = [];
  checked: Preview['checked'] = null;
  /** The base model whose tokens are shown; empty for none. */
  model = '';
  maxLength: number | null = null;
  /** One row, or several below one another. */
  many = false;

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Whether an answer is under way. */
  get asking(): boolean {
    return !this._rows.idle;
  }

  /** Whether the tokenizer has been loaded: its answers come as fast as the text's from then on. */
  get warm(): boolean {
    return this._warm;
  }

  get checking(): boolean {
    return !this._checks.idle;
  }

  /** The draft has changed: render the same rows again, as soon as the typing rests. */
  follow(): void {
    this._unchecked = true;
    if (!this._soon.isDisposed) {
      void this._soon.invoke().catch(() => undefined);
    }
  }

  /** Look with another model, length, or number of rows. */
  look(
    change: Partial<Pick<RowPreview, 'model' | 'maxLength' | 'many'>>
  ): void {
    if ('many' in change && change.many !== this.many && this._place) {
      const { split, rows } = this._place;
      this._place = this.from(split, rows[0], change.many === true);
    }
    if ('model' in change && change.model !== this.model) {
      this._warm = false;
      this.checks = [];
      this.checked = null;
    }
    Object.assign(this, change);
    this._unchecked = true;
    if ('maxLength' in change) {
      this.follow();
    } else {
      void this.refresh();
    }
    this._changed.emit();
  }

  /** Nothing is longer than the base model reads. */
  fit(context: number | null): void {
    this._context = context;
    if (this.maxLength !== null) {
      this.begin(this.maxLength);
    }
  }

  /** The length to look with, until somebody says otherwise. */
  begin(length: number): void {
    const maxLength = Math.min(length, this._context ?? length);
    if (maxLength !== this.maxLength) {
      this.look({ maxLength });
    }
  }

  /** Show the row with this number, and those after it when there are several. */
  go(split: string, row: number): Promise<void> {
    this._place = this.from(split, row, this.many);
    return this.refresh();
  }

  random(): Promise<void> {
    this._place = null;
    return this.refresh();
  }

  /** Another dataset: nothing of what was shown is true any more. */
  forget(): void {
    this._place = null;
    this.answer = null;
    this.error = null;
    this.checks = [];
    this.checked = null;
    this._unchecked = true;
    this._changed.emit();
  }

  /** Render now. */
  async refresh(): Promise<void> {
    const request = this.ask();
    if (!request) {
      this._rows.cancel();
      this.answer = null;
      this.error = null;
      this._changed.emit();
      return;
    }
    await this._rows.run(async signal => {
      this._changed.emit();
      await this.render(request, signal);
    });
    this._changed.emit();
    if (this._unchecked && this.model && !this._checkSoon.isDisposed) {
      void this._checkSoon.invoke().catch(() => undefined);
    }
  }

  dispose(): void {
    this._soon.dispose();
    this._checkSoon.dispose();
    this._rows.cancel();
    this._checks.cancel();
    Signal.clearData(this);
  }

  /** The text at once, and the tokens as soon as the tokenizer is there. */
  private async render(
    request: PreviewRequest,
    signal: AbortSignal
  ): Promise<void> {
    if (!this.model) {
      this.tokensError = null;
    }
    const text = () => this.fetch({ ...request, ...this.where() }, signal);
    const fast = this.model && this._warm;
    if (!fast) {
      await text();
    }
    if (this.model && !this.error && !signal.aborted) {
      const model = { model: this.model, max_length: this.maxLength };
      await this.fetch({ ...request, ...this.where(), ...model }, signal);
      if (fast && this.tokensError && !signal.aborted) {
        await text();
      }
    }
  }

  private async fetch(
    body: PreviewRequest,
    signal: AbortSignal
  ): Promise<void> {
    const tokens = Boolean(body.model);
    try {
      const answer = await this.api.prompts.preview(body, { signal });
      if (!signal.aborted) {
        this.take(answer, tokens);
      }
    } catch (reason) {
      if (!signal.aborted) {
        this.fail(ApiError.from(reason), tokens);
      }
    }
  }

  private take(answer: Preview, tokens: boolean): void {
    const rows = answer.rows.map(item => item.row);
    this._unchecked ||= answer.split !== this.answer?.split;
    this._place = {
      split: answer.split,
      rows: rows.length ? rows : [answer.row]
    };
    this.answer = answer;
    this.error = null;
    if (tokens) {
      this.tokensError = null;
      this._warm = true;
    }
    if (tokens && !answer.rows.some(item => item.tokens)) {
      this.checks = answer.checks; // they say why there are no tokens
    }
    this._changed.emit();
  }

  /** A template is at fault, or the tokenizer is. */
  private fail(error: ApiError, tokens: boolean): void {
    if (!tokens || TEMPLATE_FIELDS.test(error.field ?? '')) {
      this.error = error;
      this.tokensError = null;
    } else {
      this.tokensError = error;
      this._warm = false;
    }
  }

  private where(): Partial<PreviewRequest> {
    return this._place ?? { n: this.many ? MANY : 1 };
  }

  /** The rows from this one on; as many as there are. */
  private from(split: string, row: number, many: boolean): Place {
    const total = this.answer?.total ?? row + 1;
    const count = many ? Math.min(MANY, total) : 1;
    const first = Math.max(0, Math.min(row, total - count));
    return { split, rows: Array.from({ length: count }, (_, i) => first + i) };
  }

  private async check(): Promise<void> {
    const request = this.ask();
    if (!request || this.asking || this.error || this.tokensError) {
      return; // the end of what is under way brings us here again
    }
    const { model, maxLength: max_length, answer } = this;
    const body = {
      ...request,
      model,
      max_length,
      split: answer?.split,
      row: answer?.row ?? 0,
      checks: true
    };
    await this._checks.run(async signal => {
      this._changed.emit();
      try {
        const found = await this.api.prompts.preview(body, { signal });
        if (!signal.aborted) {
          this.checks = found.checks;
          this.checked = found.checked;
          this._unchecked = false;
        }
      } catch {
        // The row itself says what is wrong, in its own place.
      }
    });
    this._changed.emit();
  }

  private _changed = new Signal<this, void>(this);
  private _context: number | null = null;
  private _place: Place | null = null;
  private _rows = new Latest();
  private _checks = new Latest();
  private _soon = new Debouncer(() => this.refresh(), PAUSE_MS);
  private _checkSoon = new Debouncer(() => this.check(), CHECKS_PAUSE_MS);
  /** The checks have not seen what is shown. */
  private _unchecked = true;
  private _warm = false;
}
