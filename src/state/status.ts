import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { Status, StudioApi } from '../api';
import { ApiError } from '../api';

/** What the server says of itself and its machine; absent until the first answer. */
export class StatusModel {
  constructor(private api: StudioApi) {}

  value: Status | null = null;
  error: ApiError | null = null;

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Ask the server again; never throws. */
  async refresh(background = false): Promise<void> {
    try {
      this.value = await this.api.status({ background });
      this.error = null;
    } catch (reason) {
      this.error = ApiError.from(reason);
    }
    this._changed.emit();
  }

  private _changed = new Signal<this, void>(this);
}
