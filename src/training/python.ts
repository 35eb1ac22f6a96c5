import type { TranslationBundle } from '@jupyterlab/translation';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { Interpreter, StudioApi } from '../api';
import type { Choice } from '../components';
import type { IFieldSpec } from './schema';

/** The group of what is sent beside the specification. */
export const RESOURCES = 'resources';
/** The Python that the run works in; empty means the server's own choice. */
export const PYTHON = `${RESOURCES}.python`;

/** The field for the Python, which is no part of the specification. */
export function pythonField(trans: TranslationBundle): IFieldSpec {
  return {
    path: PYTHON,
    title: trans.__('Python environment'),
    description: trans.__(
      'Where the run finds PyTorch, Transformers, TRL and PEFT.'
    ),
    kind: 'choice',
    choices: [],
    default: null,
    required: false,
    unit: '',
    widget: '',
    group: RESOURCES,
    order: 1,
    advanced: true,
    placeholder: '',
    pattern: '',
    minimum: null,
    aboveMinimum: false,
    maximum: null,
    belowMaximum: false
  };
}

/** The Pythons that a run can work in, the server's own first. */
export class Pythons {
  constructor(private api: StudioApi) {}

  items: Interpreter[] = [];

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Whether people have anything to decide, or to mend. */
  isUseful(chosen: string): boolean {
    const [first] = this.items;
    return Boolean(chosen) || this.items.length > 1 || first?.ok === false;
  }

  /** The menu; the server's own has an empty value, so that it stays the server's choice. */
  choices(chosen: string, trans: TranslationBundle): Choice[] {
    const found = this.items.map((one, index) => ({
      value: index ? one.python : '',
      label: labelOf(one, index === 0, trans),
      title: one.python,
      disabled: !one.ok && one.python !== chosen && index > 0
    }));
    const isKnown = found.some(choice => choice.value === chosen);
    return isKnown ? found : [...found, { value: chosen, label: chosen }];
  }

  /** Ask the server; it starts each Python once, so this may take seconds. Never throws. */
  async refresh(): Promise<void> {
    try {
      const page = await this.api.interpreters({ background: true });
      this.items = page.items;
    } catch {
      this.items = []; // the server's own is used then, which preflight checks
    }
    this._changed.emit();
  }

  dispose(): void {
    Signal.clearData(this);
  }

  private _changed = new Signal<this, void>(this);
}

function labelOf(
  one: Interpreter,
  isFirst: boolean,
  trans: TranslationBundle
): string {
  const name = one.label ?? one.python;
  const versioned = one.version
    ? trans.__('%1 · Python %2', name, one.version)
    : name;
  const whose = isFirst ? trans.__('%1 (default)', versioned) : versioned;
  if (one.ok) {
    return whose;
  }
  return one.missing.length
    ? trans.__('%1 – lacks %2', whose, one.missing.join(', '))
    : trans.__('%1 – %2', whose, one.error?.message ?? trans.__('unusable'));
}
