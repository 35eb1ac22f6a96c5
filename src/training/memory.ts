import { Debouncer } from '@lumino/polling';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { MemoryAnswer, MemoryEstimate, MemoryFix } from '../api';
import { ApiError } from '../api';
import type { StudioApi } from '../api';
import type { TrainForm } from './form';

/** How long to wait for the next keystroke before the server is asked. */
const WAIT_MS = 250;

/** What a run would take of the memory, as the form stands; the first estimate of a model takes seconds. */
export class MemoryModel {
  constructor(private api: Pick<StudioApi, 'memory'>) {}

  answer: MemoryAnswer | null = null;
  error: ApiError | null = null;
  /** An estimate is on its way. */
  busy = false;

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** The estimate of the device that the run would use. */
  get estimate(): MemoryEstimate | null {
    const found = this.answer?.estimates ?? [];
    return found.find(each => each.chosen) ?? null;
  }

  /** Estimate again, soon. */
  look(form: TrainForm): void {
    this._form = form;
    if (!this._looking.isDisposed) {
      void this._looking.invoke().catch(() => undefined);
    }
  }

  dispose(): void {
    this._looking.dispose();
    this._abort?.abort();
    Signal.clearData(this);
  }

  /** The newest question counts; the answer to an older one is dropped. */
  private async ask(): Promise<void> {
    const form = this._form;
    if (!form?.text('base_model') || form.invalid().length) {
      return;
    }
    const body = { spec: form.spec(), resources: form.resources() };
    const print = JSON.stringify(body);
    if (print === this._asked) {
      return;
    }
    this._asked = print;
    this._abort?.abort();
    const abort = (this._abort = new AbortController());
    this.busy = true;
    this._changed.emit();
    try {
      const { signal } = abort;
      this.answer = await this.api.memory(body, { signal });
      this.error = null;
    } catch (reason) {
      if (abort.signal.aborted) {
        return;
      }
      this.answer = null;
      this.error = ApiError.from(reason);
      this._asked = '';
    }
    this.busy = false;
    this._changed.emit();
  }

  private _changed = new Signal<this, void>(this);
  private _form: TrainForm | null = null;
  private _abort: AbortController | null = null;
  private _asked = '';
  private _looking = new Debouncer(() => this.ask(), WAIT_MS);
}

/** Makes the changes of a fix in the form; null when the form lacks a field of it. */
export function fixer(form: TrainForm, fix: MemoryFix): (() => void) | null {
  const setters = Object.entries(fix.changes).map(([field, value]) =>
    form.setter(field, value)
  );
  return setters.every(setter => setter !== null)
    ? () => setters.forEach(setter => setter?.())
    : null;
}
