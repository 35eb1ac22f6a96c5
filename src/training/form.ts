import type { TranslationBundle } from '@jupyterlab/translation';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { ApiError, Check, JsonSchema } from '../api';
import { pythonField, RESOURCES } from './python';
import type { IFieldSpec } from './schema';
import { fieldsOf } from './schema';
import type { Tree } from './values';
import {
  fromInput,
  isEmpty,
  problemOf,
  putAt,
  toInput,
  valueAt
} from './values';

/** What belongs to one run alone and is never taken over from a preset or an earlier run. */
const OF_ONE_RUN: ReadonlySet<string> = new Set(['name', 'output_dir']);
/** What a run is about; a preset says nothing of it. */
const SUBJECT: ReadonlySet<string> = new Set([
  'base_model',
  'dataset',
  'prompt'
]);
const PREFIX = 'spec.';

/** The values of a form whose fields come from a JSON Schema, and of where the run works. */
export class TrainForm {
  constructor(
    schema: JsonSchema,
    private trans: TranslationBundle
  ) {
    this.fields = [...fieldsOf(schema), pythonField(trans)];
    this.reset();
  }

  readonly fields: IFieldSpec[];
  /** What the server said about the values it was sent last. */
  error: ApiError | null = null;
  /** What the server found when it was asked without submitting. */
  checks: Check[] = [];

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  field(path: string): IFieldSpec | undefined {
    return this.fields.find(field => field.path === path);
  }

  /** What the input at `path` shows. */
  value(path: string): unknown {
    return this._inputs.get(path);
  }

  text(path: string): string {
    const value = this.value(path);
    return isEmpty(value) ? '' : String(value);
  }

  number(path: string): number | null {
    const value = this.value(path);
    return typeof value === 'number' ? value : null;
  }

  /** Change a value; what the server said about this field is out of date then. */
  set(path: string, input: unknown): void {
    if (this._inputs.get(path) === input) {
      return;
    }
    this._inputs.set(path, input);
    if (this.error && (this.errorPath() ?? path) === path) {
      this.error = null;
    }
    this._changed.emit();
  }

  /** Sets the field that the server calls `name` to a value of its own; null when there is none. */
  setter(name: string, value: unknown): (() => void) | null {
    const field = this.field(this.pathOf(name) ?? '');
    return field ? () => this.set(field.path, toInput(field, value)) : null;
  }

  fail(error: ApiError | null): void {
    this.error = error;
    this._changed.emit();
  }

  /** Every setting as the schema has it; the subject of the run stays. */
  resetSettings(): void {
    for (const field of this.fields) {
      if (!OF_ONE_RUN.has(field.path) && !SUBJECT.has(field.path)) {
        this._inputs.set(field.path, toInput(field, field.default));
      }
    }
    this.fail(null);
  }

  /** Take over the settings that a specification or a preset speaks of. */
  apply(config: Tree, options: { everything?: boolean } = {}): void {
    for (const field of this.fields) {
      const value = valueAt(config, field.path);
      if (
        value !== undefined &&
        (options.everything ||
          !(OF_ONE_RUN.has(field.path) || SUBJECT.has(field.path)))
      ) {
        this._inputs.set(field.path, toInput(field, value));
      }
    }
    this.fail(null);
  }

  /** Why the value at `path` will not do: what we see ourselves, or what the server said. */
  problem(path: string): string | null {
    const field = this.field(path);
    const own = field && problemOf(field, this.value(path), this.trans);
    if (own) {
      return own;
    }
    const said =
      this.error && this.errorPath() === path
        ? this.error
        : this.checks.find(
            check =>
              check.level === 'blocking' &&
              !isEmpty(this.value(path)) &&
              this.pathOf(check.field) === path
          );
    if (!said) {
      return null;
    }
    return said.remedy ? `${said.message} ${said.remedy}` : said.message;
  }

  /** Fields whose value we can tell to be wrong without asking. */
  invalid(): IFieldSpec[] {
    return this.fields.filter(field =>
      problemOf(field, this.value(field.path), this.trans)
    );
  }

  /** Required fields without a value. */
  missing(): IFieldSpec[] {
    return this.fields.filter(
      field => field.required && isEmpty(this.value(field.path))
    );
  }

  /** The field that the server's error is about, if this form has it. */
  errorPath(): string | null {
    return this.pathOf(this.error?.field ?? null);
  }

  private pathOf(field: string | null): string | null {
    const raw = field ?? '';
    const name = raw.startsWith(PREFIX) ? raw.slice(PREFIX.length) : raw;
    const match = this.fields
      .map(field => field.path)
      .filter(path => name === path || name.startsWith(`${path}.`))
      .sort((a, b) => b.length - a.length);
    return match[0] ?? null;
  }

  isChanged(field: IFieldSpec): boolean {
    const normal = toInput(field, field.default);
    const now = this.value(field.path);
    return isEmpty(now) ? !isEmpty(normal) : now !== normal;
  }

  /** The specification to send; only valid while `invalid()` is empty. */
  spec(): Tree {
    return this.tree(this.fields.filter(field => !isResource(field)));
  }

  /** Where the run is to work; empty leaves it to the server. */
  resources(): Tree {
    const tree = this.tree(this.fields.filter(isResource));
    return (tree[RESOURCES] ?? {}) as Tree;
  }

  /** The settings without what belongs to one run, for a preset. */
  settings(): Tree {
    return this.tree(
      this.fields.filter(
        field =>
          !OF_ONE_RUN.has(field.path) &&
          !SUBJECT.has(field.path) &&
          !isResource(field)
      )
    );
  }

  /** All inputs as text, and back, so that a form survives a reload. */
  save(): string {
    return JSON.stringify(Object.fromEntries(this._inputs));
  }

  restore(saved: string): void {
    try {
      const inputs = JSON.parse(saved) as Tree;
      for (const field of this.fields) {
        if (field.path in inputs) {
          this._inputs.set(field.path, inputs[field.path]);
        }
      }
    } catch {
      return; // an unreadable draft is no draft
    }
    this._changed.emit();
  }

  private reset(): void {
    for (const field of this.fields) {
      this._inputs.set(field.path, toInput(field, field.default));
    }
  }

  private tree(fields: IFieldSpec[]): Tree {
    const tree: Tree = {};
    for (const field of fields) {
      const value = fromInput(field, this.value(field.path));
      if (value !== undefined) {
        putAt(tree, field.path, value);
      }
    }
    return tree;
  }

  private _changed = new Signal<this, void>(this);
  private _inputs = new Map<string, unknown>();
}

function isResource(field: IFieldSpec): boolean {
  return field.group === RESOURCES;
}
