import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { Adapter, BaseModelRecord, Dataset, Preset, Prompt } from '../api';
import { ApiError } from '../api';
import type { IFtStudio } from '../tokens';

/** More than anybody looks through in a menu. */
const MOST = 200;

/**
 * What can be chosen in a form. Unlike the sidebar's lists these are whole, whatever is
 * searched for there; they are asked for again when one of those changes.
 */
export class Choices {
  constructor(private studio: IFtStudio) {
    studio.models.changed.connect(this.update, this);
    studio.datasets.changed.connect(this.update, this);
    studio.prompts.changed.connect(this.update, this);
    studio.adapters.changed.connect(this.update, this);
  }

  models: BaseModelRecord[] = [];
  datasets: Dataset[] = [];
  /** Prompts of all datasets that were asked about. */
  prompts: Prompt[] = [];
  presets: Preset[] = [];
  adapters: Adapter[] = [];
  /** Names that adapters, and the newest runs, have already. */
  taken: string[] = [];
  error: ApiError | null = null;
  loaded = false;

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  dataset(id: string): Dataset | undefined {
    return this.datasets.find(item => item.id === id);
  }

  model(id: string): BaseModelRecord | undefined {
    return this.models.find(item => item.id === id);
  }

  prompt(id: string): Prompt | undefined {
    return this.prompts.find(item => item.id === id);
  }

  adapter(id: string): Adapter | undefined {
    return this.adapters.find(item => item.id === id);
  }

  /** Prompts made for a dataset, the newest first. */
  promptsOf(dataset: string): Prompt[] {
    return this.prompts
      .filter(prompt => prompt.dataset_id === dataset)
      .sort((a, b) => b.updated_at.localeCompare(a.updated_at));
  }

  /** Ask for everything; never throws. */
  async refresh(): Promise<void> {
    const { api } = this.studio;
    const query = { limit: MOST };
    const options = { background: true };
    try {
      const [models, datasets, prompts, presets, adapters] = await Promise.all([
        api.models.list(query, options),
        api.datasets.list(query, options),
        api.prompts.list(query, options),
        api.presets.list(query, options),
        api.adapters.list({ limit: 500 }, options)
      ]);
      this.models = models.items;
      this.datasets = datasets.items;
      this.prompts = prompts.items;
      this.presets = presets.items;
      this.adapters = adapters.items;
      this.taken = [...adapters.items, ...this.studio.jobs.items].map(
        item => item.name
      );
      this.error = null;
      this.loaded = true;
    } catch (reason) {
      this.error = ApiError.from(reason);
    }
    this._changed.emit();
  }

  /** A name that people or programs use for one of `items`, as its id; empty when unknown. */
  static idOf(items: { id: string; name: string }[], key: unknown): string {
    const found =
      items.find(item => item.id === key) ??
      items.find(item => item.name === key);
    return found?.id ?? '';
  }

  dispose(): void {
    this.studio.models.changed.disconnect(this.update, this);
    this.studio.datasets.changed.disconnect(this.update, this);
    this.studio.prompts.changed.disconnect(this.update, this);
    this.studio.adapters.changed.disconnect(this.update, this);
    Signal.clearData(this);
  }

  private update(): void {
    void this.refresh();
  }

  private _changed = new Signal<this, void>(this);
}
