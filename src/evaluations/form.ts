import { UUID } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { Adapter, ScorerList } from '../api';
import { ApiError } from '../api';
import type { EvaluateArgs, IFtStudio } from '../tokens';
import { Choices } from '../training/choices';
import { freeName } from '../training/naming';
import type { IEvaluationDraft } from './draft';
import { draftOf, EMPTY, shotsOf, specOf } from './draft';
import { ScorerReading } from './scorerfiles';

/** The form of a new evaluation, and what can be chosen in it. */
export class EvaluationForm {
  constructor(
    private studio: IFtStudio,
    private args: EvaluateArgs
  ) {
    this.choices = new Choices(studio);
    this.choices.changed.connect(() => this._changed.emit());
    this.reading = new ScorerReading(studio.api);
  }

  readonly choices: Choices;
  readonly reading: ScorerReading;
  draft: IEvaluationDraft = { ...EMPTY };
  scorers: ScorerList | null = null;
  error: ApiError | null = null;
  busy = false;
  ready = false;

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Fetch what can be chosen, and fill in what follows from the arguments; never throws. */
  async load(): Promise<void> {
    const { args, choices } = this;
    await choices.refresh();
    try {
      if (args.from_job) {
        const job = await this.studio.api.jobs.get(args.from_job);
        this.draft = draftOf(job.spec);
      }
    } catch (reason) {
      this.error = ApiError.from(reason);
    }
    const adapter = args.adapter ?? newest(choices.adapters)?.id;
    if (!args.from_job && args.base) {
      this.set({ base_model: args.base });
    } else if (!args.from_job && adapter) {
      this.toggleAdapter(adapter, true);
    }
    this.proposeName();
    this.ready = true;
    await this.loadScorers();
  }

  set(values: Partial<IEvaluationDraft>): void {
    const before = this.draft;
    this.draft = { ...before, ...values };
    this.error = null;
    if (this.draft.base_model !== before.base_model) {
      const own = new Set(this.adapters().map(adapter => adapter.id));
      this.draft.adapters = this.draft.adapters.filter(id => own.has(id));
    }
    if (this.draft.dataset !== before.dataset) {
      const prompts = this.choices.promptsOf(this.draft.dataset);
      this.draft.splits = [];
      this.draft.prompt = values.prompt ?? prompts[0]?.id ?? '';
    }
    this._changed.emit();
    if (
      this.draft.dataset !== before.dataset ||
      this.draft.prompt !== before.prompt
    ) {
      void this.loadScorers();
    }
  }

  rename(name: string): void {
    this._named = Boolean(name.trim());
    this.set({ name });
  }

  /** Adapters of the chosen base model. */
  adapters(): Adapter[] {
    const { base_model } = this.draft;
    return this.choices.adapters.filter(
      adapter => adapter.base_model_id === base_model
    );
  }

  /** The first adapter brings its base model, dataset and prompt. */
  toggleAdapter(id: string, wanted: boolean): void {
    const adapter = this.choices.adapter(id);
    const { adapters } = this.draft;
    const others = adapters.filter(each => each !== id);
    if (!wanted || !adapter) {
      this.set({ adapters: others });
    } else if (others.length) {
      this.set({ adapters: [...others, id] });
    } else {
      this.draft.adapters = [];
      const dataset = this.choices.dataset(adapter.dataset_id ?? '')?.id;
      const prompt = this.choices.prompt(adapter.prompt_id ?? '')?.id;
      this.set({
        base_model: adapter.base_model_id ?? this.draft.base_model,
        ...(dataset ? { dataset, prompt } : {})
      });
      this.draft.adapters = [id];
    }
    this.proposeName();
    this._changed.emit();
  }

  /** What is missing, in words; null when it can start. */
  missing(): string | null {
    const { trans } = this.studio;
    const { draft } = this;
    const names: [string, unknown][] = [
      [trans.__('name'), draft.name.trim()],
      [trans.__('base model'), draft.base_model],
      [trans.__('dataset'), draft.dataset],
      [trans.__('prompt'), draft.prompt],
      [trans.__('number of rows'), draft.rows]
    ];
    const absent = names.filter(([, value]) => !value).map(([name]) => name);
    if (absent.length) {
      return trans.__('Still missing: %1.', absent.join(', '));
    }
    const shots = shotsOf(draft.shots);
    if (shots === null) {
      return trans.__(
        'Base model with examples: write numbers from 0 to 32, for example 0, 4.'
      );
    }
    return shots.length || draft.adapters.length
      ? null
      : trans.__(
          'Nobody would answer: choose an adapter, or ask the base model.'
        );
  }

  /** Submit it and answer the job's id, or null when the server refused it. */
  async start(): Promise<string | null> {
    if (this.busy || this.missing()) {
      return null;
    }
    this.busy = true;
    this._changed.emit();
    try {
      const job = await this.studio.api.jobs.create({
        type: 'evaluate',
        spec: specOf(this.draft),
        resources: {},
        request_id: this._request
      });
      void this.studio.evaluations.refresh();
      return job.id;
    } catch (reason) {
      this.error = ApiError.from(reason);
      if (this.error.status !== 0) {
        this._request = UUID.uuid4();
      }
      return null;
    } finally {
      this.busy = false;
      this._changed.emit();
    }
  }

  /** What the server said about a field of the specification. */
  problem(field: string): string | null {
    const { error } = this;
    if (error?.field !== `spec.${field}`) {
      return null;
    }
    return [error.message, error.remedy].filter(Boolean).join(' ');
  }

  dispose(): void {
    this.choices.dispose();
    this.reading.dispose();
    Signal.clearData(this);
  }

  /** What fits the expected answers; without an answer the server chooses at the start. */
  private async loadScorers(): Promise<void> {
    const { dataset, prompt } = this.draft;
    const turn = ++this._turn;
    try {
      const found = await this.studio.api.evaluations.scorers(
        dataset && prompt ? { dataset, prompt } : {}
      );
      if (turn === this._turn) {
        this.scorers = found;
      }
    } catch {
      this.scorers = turn === this._turn ? null : this.scorers;
    }
    this._changed.emit();
  }

  private proposeName(): void {
    if (this._named) {
      return;
    }
    const { draft, choices } = this;
    const about =
      choices.adapter(draft.adapters[0] ?? '')?.name ??
      choices.model(draft.base_model)?.name;
    if (about) {
      const taken = this.studio.evaluations.items.map(item => item.name);
      draft.name = freeName(`${about} on test rows`, taken);
    }
  }

  private _changed = new Signal<this, void>(this);
  private _named = false;
  private _request = UUID.uuid4();
  private _turn = 0;
}

function newest(adapters: Adapter[]): Adapter | undefined {
  return [...adapters].sort((a, b) =>
    b.created_at.localeCompare(a.created_at)
  )[0];
}
