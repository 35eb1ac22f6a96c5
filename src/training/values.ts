import type { TranslationBundle } from '@jupyterlab/translation';

import type { IFieldSpec } from './schema';

/** A nested object, as specifications and presets are. */
export type Tree = Record<string, unknown>;

/** The value at `a.b`, or undefined. */
export function valueAt(tree: Tree, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (node, key) =>
        typeof node === 'object' && node !== null
          ? (node as Tree)[key]
          : undefined,
      tree
    );
}

/** Put a value at `a.b`, with the objects on the way. */
export function putAt(tree: Tree, path: string, value: unknown): void {
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  let node = tree;
  for (const key of keys) {
    node[key] ??= {};
    node = node[key] as Tree;
  }
  node[last] = value;
}

/** What the form holds for a value of the specification: text for JSON and for word lists. */
export function toInput(field: IFieldSpec, value: unknown): unknown {
  if (field.kind === 'json') {
    const empty =
      typeof value !== 'object' || !value || !Object.keys(value).length;
    return empty ? '' : JSON.stringify(value, null, 2);
  }
  if (field.kind === 'words') {
    return Array.isArray(value) ? value.join(', ') : (value ?? '');
  }
  if (field.kind === 'text' || field.kind === 'choice') {
    return value ?? '';
  }
  return value ?? null;
}

/** What the specification holds for an input; undefined leaves the field to its default. */
export function fromInput(field: IFieldSpec, input: unknown): unknown {
  const text = typeof input === 'string' ? input.trim() : input;
  if (text === '' || text === null || text === undefined) {
    return undefined;
  }
  if (field.kind === 'json') {
    return JSON.parse(String(text)) as unknown;
  }
  if (field.kind === 'words') {
    return wordsOf(String(text));
  }
  return text;
}

/** A keyword or a pattern stays as it is; anything else is a list of names. */
function wordsOf(text: string): string | string[] {
  if (text === 'all-linear' || /[*+?()|\\^$[\]]/.test(text)) {
    return text;
  }
  return text.split(/[\s,]+/).filter(Boolean);
}

/** Whether people have to give a value before anything else can be said about it. */
export function isEmpty(input: unknown): boolean {
  return (
    input === null ||
    input === undefined ||
    (typeof input === 'string' && !input.trim())
  );
}

/** Why an input cannot be used, in words; null when it can. */
export function problemOf(
  field: IFieldSpec,
  input: unknown,
  trans: TranslationBundle
): string | null {
  if (isEmpty(input)) {
    return null;
  }
  if (field.kind === 'json') {
    return jsonProblem(String(input), trans);
  }
  if (field.kind === 'integer' || field.kind === 'number') {
    return numberProblem(field, Number(input), trans);
  }
  if (field.pattern && !new RegExp(field.pattern).test(String(input).trim())) {
    return trans.__(
      'Use letters, digits, dots, dashes and underscores, beginning with a letter or digit; at most 96 characters.'
    );
  }
  return null;
}

function jsonProblem(text: string, trans: TranslationBundle): string | null {
  try {
    const value: unknown = JSON.parse(text);
    const isObject =
      typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject
      ? null
      : trans.__('Write a JSON object, for example {"use_rslora": true}.');
  } catch (reason) {
    const why = reason instanceof Error ? reason.message : String(reason);
    return trans.__('This is not JSON yet: %1', why);
  }
}

function numberProblem(
  field: IFieldSpec,
  value: number,
  trans: TranslationBundle
): string | null {
  const { minimum, maximum } = field;
  if (field.kind === 'integer' && !Number.isInteger(value)) {
    return trans.__('Give a whole number.');
  }
  if (minimum !== null) {
    if (field.aboveMinimum && value <= minimum) {
      return trans.__('Give a number above %1.', minimum);
    }
    if (value < minimum) {
      return trans.__('Give %1 or more.', minimum);
    }
  }
  if (maximum !== null) {
    if (field.belowMaximum && value >= maximum) {
      return trans.__('Give a number below %1.', maximum);
    }
    if (value > maximum) {
      return trans.__('Give %1 or less.', maximum);
    }
  }
  return null;
}
