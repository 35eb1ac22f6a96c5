import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { Code } from '../api';
import { ApiError } from '../api';

export type CodeFormat = Code['format'];

/** Asks the server for a form's or a job's code. */
export type AskForCode = (format: CodeFormat) => Promise<Code>;

/** What the dialog shows: one format at a time, each fetched once. */
export class CodeModel {
  constructor(
    readonly ask: AskForCode,
    public format: CodeFormat = 'magic'
  ) {}

  formats: CodeFormat[] = [];
  error: ApiError | null = null;

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** The code of the chosen format, once it is there. */
  get code(): Code | null {
    return this._codes.get(this.format) ?? null;
  }

  /** Show a format; never throws. */
  async show(format: CodeFormat): Promise<void> {
    this.format = format;
    this.error = null;
    this._changed.emit();
    try {
      const code = await this.get(format);
      this.formats = code.formats;
    } catch (reason) {
      if (this.format === format) {
        this.error = ApiError.from(reason);
      }
    }
    this._changed.emit();
  }

  /** The code of a format, as it was fetched before if it was. */
  async get(format: CodeFormat): Promise<Code> {
    const code = this._codes.get(format) ?? (await this.ask(format));
    this._codes.set(format, code);
    return code;
  }

  private _changed = new Signal<this, void>(this);
  private _codes = new Map<CodeFormat, Code>();
}
