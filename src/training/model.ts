import { UUID } from '@lumino/coreutils';
import { Debouncer } from '@lumino/polling';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { JobDetail, Preflight, PreflightRequest } from '../api';
import { ApiError } from '../api';
import type { IFtStudio, TrainArgs } from '../tokens';
import { Choices } from './choices';
import { TrainForm } from './form';
import { MemoryModel } from './memory';
import { freeName, proposeName } from './naming';
import { Pythons, RESOURCES } from './python';
import type { Tree } from './values';

/** Arguments of a train tab: where it starts from, and what was filled in since. */
export type TrainTabArgs = TrainArgs & { draft?: string };

/** How long to wait for the next keystroke before the server is asked. */
const PREFLIGHT_MS = 250;

type Subject = 'base_model' | 'dataset' | 'prompt';

/** A train tab: its form, what can be chosen in it, and the run that comes of it. */
export class TrainModel {
  constructor(
    readonly studio: IFtStudio,
    private args: TrainTabArgs
  ) {
    this.choices = new Choices(studio);
    this.choices.changed.connect(this.onChoices, this);
    this.memory = new MemoryModel(studio.api);
    this.pythons = new Pythons(studio.api);
    this.pythons.changed.connect(() => this._changed.emit());
  }

  readonly choices: Choices;
  readonly memory: MemoryModel;
  readonly pythons: Pythons;
  form: TrainForm | null = null;
  /** Why the form itself could not be had. */
  error: ApiError | null = null;
  /** What the form would lead to, as the server sees it. */
  preflight: Preflight | null = null;
  /** A run is being submitted. */
  busy = false;
  /** Settings were taken over from this run. */
  from = '';

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Fetch the form, what can be chosen, and what to begin with; never throws. */
  async load(): Promise<void> {
    this.error = null;
    try {
      const { api, trans } = this.studio;
      const [schema, last] = await Promise.all([
        api.schema('TrainSpec'),
        this.lastSpec(),
        this.choices.refresh()
      ]);
      const form = new TrainForm(schema, trans);
      form.apply(last);
      this.form = form;
      this.begin(form, last);
      form.changed.connect(() => {
        this._changed.emit();
        this.look();
      });
      this.look();
      void this.pythons.refresh();
    } catch (reason) {
      this.error = ApiError.from(reason);
    }
    this._changed.emit();
  }

  /** Change what a run is about; what follows from it is filled in. */
  choose(what: Subject, id: string): void {
    const { form } = this;
    if (!form) {
      return;
    }
    form.set(what, id);
    if (what === 'dataset') {
      form.set('data.split', '');
      form.set('prompt', this.choices.promptsOf(id)[0]?.id ?? '');
    }
    this.fitLength();
    this.proposeName();
  }

  /** Name the run by hand, or, with an empty name, leave it to us again. */
  rename(name: string): void {
    this._named = Boolean(name.trim());
    this.form?.set('name', name);
  }

  /**
   * Submit the run and answer its id, or null when the server refused it (see `form.error`).
   *
   * The request id stays until an answer arrives, so that a double click, or a second try after
   * the connection broke, makes one run.
   */
  async start(): Promise<string | null> {
    const { form } = this;
    if (!form || this.busy) {
      return null;
    }
    const [spec, resources] = [form.spec(), form.resources()];
    const print = JSON.stringify([spec, resources]);
    if (this._request.print !== print) {
      this._request = { print, id: UUID.uuid4() };
    }
    this.busy = true;
    form.fail(null);
    try {
      const job = await this.studio.api.jobs.create({
        type: 'train',
        spec,
        resources,
        request_id: this._request.id
      });
      this._request = { print: '', id: '' };
      return job.id;
    } catch (reason) {
      const error = ApiError.from(reason);
      if (error.status !== 0) {
        this._request = { print: '', id: '' };
      }
      form.fail(error);
      return null;
    } finally {
      this.busy = false;
      this._changed.emit();
    }
  }

  dispose(): void {
    this._looking.dispose();
    this._abort?.abort();
    this.memory.dispose();
    this.choices.dispose();
    this.pythons.dispose();
    Signal.clearData(this);
  }

  /** The settings, and the resources, of the run to start from; of the newest that has not failed when none is named. */
  private async lastSpec(): Promise<Tree> {
    const { jobs } = this.studio.api;
    const { from_job: named } = this.args;
    if (named) {
      const job = await jobs.get(named);
      this.from = job.name;
      return settingsOf(job);
    }
    const newest = await jobs.list({ type: 'train', limit: 20 });
    const job =
      newest.items.find(item => item.state !== 'failed') ?? newest.items[0];
    return job ? settingsOf(await jobs.get(job.id)) : {};
  }

  private begin(form: TrainForm, last: Tree): void {
    const { choices, args } = this;
    if (args.draft) {
      form.restore(args.draft);
      this._named =
        Boolean(form.text('name')) && this.proposed() !== form.text('name');
      return;
    }
    const dataset =
      Choices.idOf(choices.datasets, args.dataset) ||
      choices.prompt(Choices.idOf(choices.prompts, args.prompt))?.dataset_id ||
      Choices.idOf(choices.datasets, last.dataset);
    form.set(
      'base_model',
      this.first(choices.models, args.base_model, last.base_model)
    );
    form.set('dataset', dataset || only(choices.datasets));
    const prompts = choices.promptsOf(form.text('dataset'));
    form.set(
      'prompt',
      this.first(prompts, args.prompt, last.prompt) || (prompts[0]?.id ?? '')
    );
    if (args.from_job && this.from) {
      form.set(
        'name',
        freeName(this.from.replace(/\s+/g, '-'), this.choices.taken)
      );
      this._named = true;
    }
    if (Number(args.max_length)) {
      form.set('max_length', Number(args.max_length));
    }
    this.fitLength();
    this.proposeName();
  }

  /** Sequences are no longer than the base model reads. */
  private fitLength(): void {
    const { form, choices } = this;
    const facts = choices.model(form?.text('base_model') ?? '')?.facts;
    const length = form?.number('max_length');
    if (length && facts?.context_length && length > facts.context_length) {
      form?.set('max_length', facts.context_length);
    }
  }

  private look(): void {
    if (this.form) {
      this.memory.look(this.form);
    }
    if (!this._looking.isDisposed) {
      void this._looking.invoke().catch(() => undefined);
    }
  }

  /** Ask the server what the form would lead to; the newest answer counts. */
  private async ask(): Promise<void> {
    const { form } = this;
    if (!form || form.invalid().length) {
      return;
    }
    const [spec, resources] = [form.spec(), form.resources()];
    const print = JSON.stringify([spec, resources]);
    if (print === this._asked) {
      return;
    }
    this._asked = print;
    this._abort?.abort();
    const abort = (this._abort = new AbortController());
    try {
      const { signal } = abort;
      const body: PreflightRequest = { spec, resources };
      this.preflight = await this.studio.api.preflight(body, { signal });
    } catch {
      // Nothing depends on it: the server checks again when the run is submitted.
      if (abort.signal.aborted) {
        return;
      }
      this.preflight = null;
      this._asked = '';
    }
    form.checks = this.preflight?.checks ?? [];
    this._changed.emit();
  }

  private first(
    items: { id: string; name: string }[],
    ...keys: unknown[]
  ): string {
    const ids = keys.map(key => Choices.idOf(items, key));
    return ids.find(Boolean) ?? only(items);
  }

  private onChoices(): void {
    const { form, choices } = this;
    const dataset = form?.text('dataset') ?? '';
    if (form && dataset && !choices.prompt(form.text('prompt'))) {
      form.set('prompt', choices.promptsOf(dataset)[0]?.id ?? '');
    }
    this._asked = ''; // what was imported since may change the answer
    this.look();
    this._changed.emit();
  }

  private proposeName(): void {
    if (!this._named) {
      this.form?.set('name', this.proposed());
    }
  }

  private proposed(): string {
    const { form, choices } = this;
    const dataset = choices.dataset(form?.text('dataset') ?? '')?.name ?? '';
    const model = choices.model(form?.text('base_model') ?? '')?.name ?? '';
    return proposeName(dataset, model, this.choices.taken);
  }

  private _changed = new Signal<this, void>(this);
  private _abort: AbortController | null = null;
  private _asked = '';
  private _looking = new Debouncer(() => this.ask(), PREFLIGHT_MS);
  private _named = false;
  private _request = { print: '', id: '' };
}

/** The specification of a run with where it worked, as the form takes it. */
function settingsOf(job: JobDetail): Tree {
  return { ...job.spec, [RESOURCES]: job.resources };
}

/** The one there is, when there is just one: nobody needs to be asked. */
function only(items: { id: string }[]): string {
  return items.length === 1 ? items[0].id : '';
}
