import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type {
  Dataset,
  Fix,
  PreviewRequest,
  Prompt,
  StudioApi,
  Suggestion
} from '../api';
import { ApiError } from '../api';
import type { PromptDraft } from './draft';
import {
  contentOf,
  draftOf,
  EMPTY,
  inMode,
  isBlank,
  isWhole,
  suggested,
  withField
} from './draft';
import { RowPreview } from './preview';

type Work = 'loading' | 'suggesting' | 'saving';

/** A prompt while it is written: the draft, the dataset it is for, rows rendered by it. */
export class PromptModel {
  constructor(private api: StudioApi) {
    this.preview = new RowPreview(api, () => this.request());
  }

  readonly preview: RowPreview;
  draft: PromptDraft = EMPTY;
  /** The stored prompt that is edited; null for a new one. */
  saved: Prompt | null = null;
  dataset: Dataset | null = null;
  suggestion: Suggestion | null = null;
  /** A failure of loading, saving or suggesting. */
  error: ApiError | null = null;
  busy: Work | null = null;

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get dirty(): boolean {
    const { draft, saved } = this;
    if (!saved) {
      return !isBlank(draft);
    }
    const old = draftOf(saved);
    return (
      old.name !== draft.name ||
      JSON.stringify(contentOf(old)) !== JSON.stringify(contentOf(draft))
    );
  }

  get columns(): string[] {
    return this.dataset?.columns.map(column => column.name) ?? [];
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
    await this.preview.refresh();
  }

  /** Another window may have changed the stored prompt: take that over, unless it is edited here. */
  async reload(): Promise<void> {
    const { saved } = this;
    if (!saved || this.dirty || this.busy) {
      return;
    }
    try {
      const now = await this.api.prompts.get(saved.id, { background: true });
      if (now.revision !== saved.revision && !this.dirty && !this.busy) {
        this.take(now);
        this.preview.follow();
        this._changed.emit();
      }
    } catch {
      // Deleted, or out of reach: what is on the screen is all there is.
    }
  }

  /** Choose the dataset; an untouched draft gets templates that fit it. */
  async choose(dataset: string): Promise<void> {
    this.draft = { ...this.draft, dataset };
    this.preview.forget();
    await this.work('loading', async () => {
      this.dataset = await this.api.datasets.get(dataset);
    });
    if (this.dataset && isBlank(this.draft)) {
      await this.suggest();
    } else {
      await this.preview.refresh();
    }
  }

  edit(changes: Partial<PromptDraft>): void {
    this.draft = { ...this.draft, ...changes };
    this.error = null;
    this._changed.emit();
    this.preview.follow();
  }

  /** Text or chat; the first time, what is written is taken along. */
  setMode(mode: PromptDraft['mode']): void {
    this.edit(inMode(this.draft, mode));
  }

  /** Let the server propose templates and a name. */
  async suggest(): Promise<void> {
    await this.work('suggesting', async () => {
      const found = await this.api.prompts.suggest(this.draft.dataset);
      this.suggestion = found;
      this.draft = {
        ...this.draft,
        ...suggested(this.draft, found),
        name: this.draft.name || proposedName(this.dataset, found)
      };
    });
    await this.preview.refresh();
  }

  /** The row that is seen becomes a solved example, with all its columns: templates change. */
  async addExample(): Promise<void> {
    const { answer } = this.preview;
    if (!answer) {
      return;
    }
    const { split, row } = answer;
    await this.work('loading', async () => {
      const query = { split, offset: row, limit: 1 };
      const page = await this.api.datasets.rows(this.draft.dataset, query);
      const [values] = page.rows;
      this.draft = {
        ...this.draft,
        examples: [...this.draft.examples, { split, row, values }]
      };
    });
    this.preview.follow();
  }

  /** What a button would do about a finding, or null when it cannot be done in this tab. */
  remedy(fix: Fix | null): (() => void) | null {
    if (fix?.kind === 'set_prompt_field') {
      const next = withField(this.draft, fix.field, fix.value);
      return next && (() => this.edit(next));
    }
    if (fix?.field === 'max_length' && typeof fix.value === 'number') {
      const maxLength = fix.value;
      return () => this.preview.look({ maxLength });
    }
    return null;
  }

  /** Store the draft; answers whether that worked. */
  async save(): Promise<boolean> {
    const { draft, saved } = this;
    await this.work('saving', async () => {
      const body = { name: draft.name.trim(), ...contentOf(draft) };
      this.take(
        saved
          ? await this.api.prompts.update(saved.id, body, saved.revision)
          : await this.api.prompts.create({ ...body, dataset: draft.dataset })
      );
    });
    return this.error === null;
  }

  dispose(): void {
    this.preview.dispose();
    Signal.clearData(this);
  }

  /** What is to be rendered; null while something is missing. */
  private request(): PreviewRequest | null {
    const { draft } = this;
    return draft.dataset && isWhole(draft)
      ? { dataset: draft.dataset, ...contentOf(draft) }
      : null;
  }

  private take(prompt: Prompt): void {
    this.saved = prompt;
    this.draft = { ...this.draft, ...kept(prompt) };
  }

  private async work(busy: Work, task: () => Promise<void>): Promise<void> {
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
}

/** What a stored prompt says; the mode that it does not use stays as it is in the draft. */
function kept(prompt: Prompt): Partial<PromptDraft> {
  const { name, dataset } = draftOf(prompt);
  return { name, dataset, ...contentOf(draftOf(prompt)) };
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
