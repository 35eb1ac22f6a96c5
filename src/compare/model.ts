import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import { ApiError } from '../api';
import type { TabArgs } from '../shell/tab';
import type { IFtStudio } from '../tokens';
import { Choices } from '../training/choices';
import { Answers } from './answers';
import * as columns from './columns';
import type { Draft, DraftColumn } from './draft';
import {
  asked,
  draftOf,
  EMPTY,
  isAsked,
  loadDraft,
  NO_QUESTION,
  saveDraft,
  toRequest
} from './draft';

/** Who adds several models at once means them together. */
const WARM_MS = 600;

/** A row by its place; null stands for the server's choice. */
type RowChoice = { split: string | null; row: number | null };

/**
 * A compare tab: what is asked (the draft), and the answers to what was asked last.
 */
export class CompareModel {
  constructor(readonly studio: IFtStudio) {
    this.choices = new Choices(studio);
    this.answers = new Answers(studio);
    this.choices.changed.connect(this.emit, this);
    this.answers.changed.connect(this.emit, this);
    studio.comparisons.changed.connect(this.onListed, this);
  }

  readonly choices: Choices;
  readonly answers: Answers;
  draft: Draft = EMPTY;
  /** False until the tab knows what can be compared. */
  ready = false;
  /** A row is being rendered. */
  drawing = false;
  exampleError: ApiError | null = null;

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Begin with a kept comparison, with an adapter or a base model, or where a reload broke in. */
  async start(args: TabArgs): Promise<void> {
    this.given = args;
    const { id, adapter, base, draft, last } = args;
    this.draft = loadDraft(draft);
    await this.choices.refresh();
    if (this.choices.error) {
      return;
    }
    this.ready = true;
    this.emit();
    const kept = last ?? id;
    const sheet = kept ? await this.answers.open(kept) : null;
    if (sheet && !draft) {
      this.edit(draftOf(sheet.comparison));
    } else if (draft && this.answers.error?.status === 404) {
      this.answers.forget(); // deleted meanwhile: the question is still good
    }
    if (this.draft.columns.length) {
      return; // nobody has asked for a model in memory yet
    }
    this.warming = true;
    if (adapter) {
      await this.addAdapter(adapter);
    } else if (base) {
      this.addBase(base);
    }
    await this.chooseOnly();
  }

  /** Where there is one dataset, nobody needs to choose it. */
  private async chooseOnly(): Promise<void> {
    const [only, ...others] = this.choices.datasets;
    const prompts = only ? this.choices.promptsOf(only.id) : [];
    if (!this.draft.dataset && prompts.length && !others.length) {
      await this.choose(only.id);
    }
  }

  /** What the tab is called: as the kept comparison is. */
  get title(): string {
    const { sheet } = this.answers;
    return sheet?.saved ? sheet.comparison.name : '';
  }

  /** Begin once more, where the server did not answer. */
  again(): Promise<void> {
    return this.start(this.given);
  }

  /** What the tab needs to come back after a reload. */
  get args(): TabArgs {
    const { sheet } = this.answers;
    const last = sheet?.saved ? sheet.comparison.id : undefined;
    return { ...this.given, draft: saveDraft(this.draft), last };
  }

  dispose(): void {
    window.clearTimeout(this.timer);
    this.studio.comparisons.changed.disconnect(this.onListed, this);
    this.answers.dispose();
    this.choices.dispose();
    Signal.clearData(this);
  }

  edit(changes: Partial<Draft>): void {
    const { columns: old, precision } = this.draft;
    this.draft = { ...this.draft, ...changes };
    this.warming ||= this.ready && this.draft.columns.length > old.length;
    if (this.draft.columns !== old || this.draft.precision !== precision) {
      this.warmSoon();
    }
    this.emit();
  }

  /** Load what was chosen while the question is still being thought of. */
  private warmSoon(): void {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => {
      const { columns: all, precision } = this.draft;
      const [first] = all;
      if (!this.warming || !first || this.answers.asking) {
        return;
      }
      const adapters = all
        .filter(column => column.base === first.base && column.adapter)
        .map(column => column.adapter);
      this.studio.api
        .warm({ base_model: first.base, adapters, precision })
        .catch(() => undefined); // said when it is asked in earnest
    }, WARM_MS);
  }

  addBase(id: string): void {
    this.edit({ columns: columns.withBase(this.draft.columns, id) });
  }

  /** An adapter brings its base model, and its prompt and dataset where none are chosen. */
  async addAdapter(id: string): Promise<void> {
    const { draft, choices, studio } = this;
    const adapter = choices.adapter(id);
    const why = adapter
      ? columns.whyNot(adapter, draft.columns, choices, studio.trans)
      : null;
    if (!adapter?.base_model_id || why) {
      return;
    }
    const base = adapter.base_model_id;
    this.edit({
      columns: columns.withAdapter(draft.columns, base, adapter.id)
    });
    if (!draft.dataset && choices.dataset(adapter.dataset_id ?? '')) {
      await this.choose(adapter.dataset_id ?? '', adapter.prompt_id);
    }
  }

  /** An adapter from elsewhere; says so when it cannot be compared here. */
  async dropAdapter(id: string): Promise<void> {
    const { trans, messages } = this.studio;
    const adapter = this.choices.adapter(id);
    const { columns: old } = this.draft;
    const why = adapter && columns.whyNot(adapter, old, this.choices, trans);
    if (adapter && why) {
      messages.warning(`${adapter.name}: ${why}`);
    } else {
      await this.addAdapter(id);
    }
  }

  setColumn(place: number, changes: Partial<DraftColumn>): void {
    const { columns: old } = this.draft;
    this.edit({ columns: columns.changed(old, place, changes) });
  }

  /** The same model once more, with settings of its own. */
  copyColumn(place: number): void {
    const { columns: old, generation } = this.draft;
    const copy = { ...old[place], generation: { ...generation } };
    this.edit({
      columns: [...old.slice(0, place + 1), copy, ...old.slice(place + 1)]
    });
  }

  removeColumn(place: number): void {
    this.edit({
      columns: this.draft.columns.filter((_, index) => index !== place)
    });
  }

  /** Choose the rows, and how they become questions: the newest prompt where none is named. */
  async choose(dataset: string, prompt?: string | null): Promise<void> {
    const prompts = this.choices.promptsOf(dataset);
    const chosen = prompts.find(item => item.id === prompt) ?? prompts[0];
    const other = dataset !== this.draft.dataset;
    this.edit({
      dataset,
      prompt: chosen?.id ?? '',
      ...(other ? { split: '', rows: '' } : {})
    });
    const { question } = this.draft;
    if (chosen && !question.edited) {
      const same = !other && question.row !== null;
      await this.example(same ? question : undefined);
    }
  }

  /** Fill in a row as the question: a random one that nobody trained on, or the named one. */
  async example(
    { split, row }: RowChoice = { split: null, row: null }
  ): Promise<void> {
    const { dataset, prompt } = this.draft;
    const adapters = this.draft.columns.map(column => column.adapter);
    const turn = ++this.turn;
    this.drawing = true;
    this.exampleError = null;
    this.emit();
    try {
      const found = await this.studio.api.comparisons.example({
        ...{ dataset, prompt, split, row },
        adapters: [...new Set(adapters)].filter(Boolean)
      });
      if (turn === this.turn) {
        this.draft = { ...this.draft, question: asked(found) };
      }
    } catch (reason) {
      if (turn === this.turn) {
        this.exampleError = ApiError.from(reason);
      }
    }
    this.drawing &&= turn !== this.turn;
    this.emit();
  }

  /** Change the question by hand. */
  write(changes: Partial<Draft['question']>): void {
    const question = { ...this.draft.question, ...changes, edited: true };
    const empty = !question.text && !question.messages && !question.expected;
    this.edit({ question: empty ? NO_QUESTION : question });
  }

  /** Whether the answers on the screen belong to another question than the form's. */
  get stale(): boolean {
    const { questions = [] } = this.answers.sheet?.comparison ?? {};
    return (
      this.draft.mode === 'one' &&
      questions.length > 0 &&
      !isAsked(this.draft.question, questions[0])
    );
  }

  async ask(): Promise<void> {
    await this.answers.ask(toRequest(this.draft), this.draft.blind);
  }

  /** The comparison may have been renamed, or voted on, elsewhere. */
  private onListed(): void {
    const { sheet, asking } = this.answers;
    const listed = this.studio.comparisons.items.find(
      item => item.id === sheet?.comparison.id
    );
    const older =
      sheet && listed && listed.revision > sheet.comparison.revision;
    if (older && !asking) {
      this.answers.refresh().catch(() => undefined);
    }
  }

  private emit(): void {
    this._changed.emit();
  }

  private given: TabArgs = {};
  /** Models are loaded ahead: not for a tab that merely came back with the layout. */
  private warming = false;
  private timer = 0;
  private turn = 0;
  private _changed = new Signal<this, void>(this);
}
