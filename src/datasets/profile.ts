import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import { UUID } from '@lumino/coreutils';

import type {
  DataFix,
  Dataset,
  DatasetProfile,
  Finding,
  Job,
  Profile,
  ProfileRequest
} from '../api';
import { ApiError } from '../api';
import { isFinal } from '../components';
import type { IFtStudio } from '../tokens';

/** What the doctor found in a dataset, the check under way, and the remedies that are applied. */
export class ProfileModel {
  constructor(
    private studio: IFtStudio,
    readonly dataset: string
  ) {}

  value: DatasetProfile | null = null;
  error: ApiError | null = null;
  /** A check is being submitted, or the remedy with this key is. */
  busy: string | null = null;

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get profile(): Profile | null {
    return this.value?.profile ?? null;
  }

  /** The check under way, if one is. */
  get job(): Job | null {
    const job = this.value?.job;
    return job && !isFinal(job.state) ? job : null;
  }

  /** The newest check, if it ended in another way than it should. */
  get failure(): Job | null {
    const job = this.value?.job;
    return job && (job.state === 'failed' || job.state === 'lost') ? job : null;
  }

  /** Whether the dataset has other rows now than those that were examined. */
  isStale(dataset: Dataset): boolean {
    const { profile } = this;
    return Boolean(
      profile?.content_hash &&
      dataset.content_hash &&
      profile.content_hash !== dataset.content_hash
    );
  }

  async load(): Promise<void> {
    try {
      this.value = await this.studio.api.datasets.profile(this.dataset);
      this.error = null;
    } catch (reason) {
      this.error = ApiError.from(reason);
    }
    this._changed.emit();
  }

  /** Examine the dataset; with a model and a prompt also its tokens. */
  check(request: ProfileRequest): Promise<void> {
    return this.act('check', async () => {
      const job = await this.studio.api.datasets.examine(this.dataset, {
        ...request,
        request_id: UUID.uuid4()
      });
      this.value = {
        dataset_id: this.dataset,
        profile: this.profile,
        job
      };
    });
  }

  /** The check has ended: its result, and the sidebar's count of findings. */
  async ended(): Promise<void> {
    await this.load();
    await this.studio.datasets.refresh();
  }

  /** Make a cleaned copy; answers it, or null when that was refused. */
  async apply(key: string, fixes: DataFix[]): Promise<Dataset | null> {
    let made: Dataset | null = null;
    await this.act(key, async () => {
      made = await this.studio.api.datasets.apply(this.dataset, {
        fixes,
        request_id: UUID.uuid4()
      });
      await this.studio.datasets.refresh();
    });
    return made;
  }

  dispose(): void {
    Signal.clearData(this);
  }

  private async act(key: string, ask: () => Promise<void>): Promise<void> {
    if (this.busy) {
      return;
    }
    this.busy = key;
    this.error = null;
    this._changed.emit();
    try {
      await ask();
    } catch (reason) {
      this.error = ApiError.from(reason);
    }
    this.busy = null;
    this._changed.emit();
  }

  private _changed = new Signal<this, void>(this);
}

/** The remedies that change data: those of which a cleaned copy can be made. */
export function dataFixes(findings: readonly Finding[]): DataFix[] {
  return findings.flatMap(({ fix }) =>
    fix && fix.kind !== 'set_max_length' ? [fix] : []
  );
}
