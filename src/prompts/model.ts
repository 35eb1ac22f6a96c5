import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { Dataset, Preview, Prompt, StudioApi, Suggestion } from '../api';
import { ApiError } from '../api';

export type PromptDraft = {
  name: string;
  dataset: string;
  prompt_template: string;
  completion_template: string;
};

const EMPTY: PromptDraft = {
  name: '',
  dataset: '',
  prompt_template: '',
  completion_template: ''
};

/** Which row an example shows; null asks for a random one. */
type RowChoice = { split: string; row: number } | null;

/**
 * A prompt while it is written: the draft, the dataset it is for, one rendered row.
 */
export class PromptModel {
  constructor(private api: StudioApi) {}

  draft: PromptDraft = EMPTY;
  /** The stored prompt that is edited; null for a new one. */
  saved: Prompt | null = null;
  dataset: Dataset | null = null;
  suggestion: Suggestion | null = null;
  preview: Preview | null = null;
  /** A failure of saving or suggesting. */
  error: ApiError | null = null;
  /** A failure of rendering: a template that does not fit the columns. */
  previewError: ApiError | null = null;
  busy: 'loading' | 'suggesting' | 'saving' | null = null;

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get dirty(): boolean {
    const old = this.saved;
    return old
      ? old.name !== this.draft.name ||
          old.prompt_template !== this.draft.prompt_template ||
          old.completion_template !== this.draft.completion_template
      : Boolean(this.draft.prompt_template || this.draft.completion_template);
  }

  /** Start from a stored prompt; what was edited before stays. */
  async open(id: string): Promise<void> {
    const { draft } = this;
    await this.work('loading', async () => {
      this.take(await this.api.prompts.get(id));
      if (draft !== EMPTY) {
        this.draft = draft;
      }
      this.dataset = await this.api.datasets.get(this.draft.dataset);
    });
    await this.example();
  }

  /** Choose the dataset; an untouched draft gets templates that fit it. */
  async choose(dataset: string): Promise<void> {
    this.draft = { ...this.draft, dataset };
    this.preview = null;
    this.previewError = null;
    await this.work('loading', async () => {
      this.dataset = await this.api.datasets.get(dataset);
    });
    const { prompt_template, completion_template } = this.draft;
    if (this.dataset && !prompt_template && !completion_template) {
      await this.suggest();
    } else {
      await this.example();
    }
  }

  edit(changes: Partial<PromptDraft>): void {
    this.draft = { ...this.draft, ...changes };
    this.error = null;
    this._changed.emit();
  }

  /** Let the server propose templates and a name. */
  async suggest(): Promise<void> {
    await this.work('suggesting', async () => {
      const found = await this.api.prompts.suggest(this.draft.dataset);
      this.suggestion = found;
      this.draft = {
        ...this.draft,
        name: this.draft.name || proposedName(this.dataset, found),
        prompt_template: found.prompt_template,
        completion_template: found.completion_template
      };
    });
    await this.example();
  }

  /** Render a row: a random one, or the one that is named. */
  async example(choice: RowChoice = null): Promise<void> {
    const { dataset, prompt_template, completion_template } = this.draft;
    if (!dataset || !prompt_template || !completion_template) {
      this.preview = null;
      this.previewError = null;
      this._changed.emit();
      return;
    }
    const turn = ++this._turn;
    try {
      const preview = await this.api.prompts.preview({
        dataset,
        prompt_template,
        completion_template,
        ...choice
      });
      if (turn === this._turn) {
        this.preview = preview;
        this.previewError = null;
      }
    } catch (reason) {
      if (turn === this._turn) {
        this.previewError = ApiError.from(reason);
      }
    }
    this._changed.emit();
  }

  /** Render the row that is shown again, with the templates as they are now. */
  async again(): Promise<void> {
    const { preview } = this;
    await this.example(preview && { split: preview.split, row: preview.row });
  }

  /** Store the draft; answers whether that worked. */
  async save(): Promise<boolean> {
    const { draft, saved } = this;
    await this.work('saving', async () => {
      const { name, prompt_template, completion_template } = draft;
      const body = { name: name.trim(), prompt_template, completion_template };
      this.take(
        saved
          ? await this.api.prompts.update(saved.id, body, saved.revision)
          : await this.api.prompts.create({ ...body, dataset: draft.dataset })
      );
    });
    return this.error === null;
  }

  private take(prompt: Prompt): void {
    this.saved = prompt;
    this.draft = {
      name: prompt.name,
      dataset: prompt.dataset_id,
      prompt_template: prompt.prompt_template,
      completion_template: prompt.completion_template
    };
  }

  private async work(
    busy: 'loading' | 'suggesting' | 'saving',
    task: () => Promise<void>
  ): Promise<void> {
    this.busy = busy;
    this.error = null;
    this._changed.emit();
    try {
      await task();
    } catch (reason) {
      this.error = ApiError.from(reason);
    }
    this.busy = null;
    this._changed.emit();
  }

  private _changed = new Signal<this, void>(this);
  private _turn = 0;
}

/** "synthetic_text_to_sql answer", made of letters that names may have. */
function proposedName(dataset: Dataset | null, found: Suggestion): string {
  const words = new Set([dataset?.name ?? '', found.output_column]);
  return [...words]
    .join(' ')
    .replace(/[^A-Za-z0-9._ -]+/g, '-')
    .slice(0, 96)
    .trim();
}
