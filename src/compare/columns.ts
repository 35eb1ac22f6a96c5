import type { TranslationBundle } from '@jupyterlab/translation';

import type { Adapter } from '../api';
import type { Choices } from '../training/choices';
import type { DraftColumn } from './draft';

/** As many as the server answers side by side. */
export const MOST_COLUMNS = 16;

function column(base: string, adapter = ''): DraftColumn {
  return { base, adapter, generation: null };
}

/** A base model's own column, once. */
export function withBase(columns: DraftColumn[], base: string): DraftColumn[] {
  const there = columns.some(item => item.base === base && !item.adapter);
  return there ? columns : [...columns, column(base)];
}

/** An adapter's column behind its base model's others; the first one brings its base along. */
export function withAdapter(
  columns: DraftColumn[],
  base: string,
  adapter: string
): DraftColumn[] {
  if (columns.some(item => item.adapter === adapter)) {
    return columns;
  }
  const all = columns.some(item => item.base === base)
    ? columns
    : withBase(columns, base);
  const last = all.map(item => item.base).lastIndexOf(base);
  return [
    ...all.slice(0, last + 1),
    column(base, adapter),
    ...all.slice(last + 1)
  ];
}

export function changed(
  columns: DraftColumn[],
  place: number,
  changes: Partial<DraftColumn>
): DraftColumn[] {
  return columns.map((item, index) =>
    index === place ? { ...item, ...changes } : item
  );
}

/** The base models that answer, each once; they do so one after another. */
export function basesOf(columns: DraftColumn[]): string[] {
  return [...new Set(columns.map(item => item.base))];
}

/** Why an adapter cannot be added now; null when it can. */
export function whyNot(
  adapter: Adapter,
  columns: DraftColumn[],
  choices: Choices,
  trans: TranslationBundle
): string | null {
  const base = choices.model(adapter.base_model_id ?? '');
  if (!base) {
    return trans.__('its base model is not imported');
  }
  if (columns.some(item => item.adapter === adapter.id)) {
    return trans.__('is compared already');
  }
  return !columns.length || columns.some(item => item.base === base.id)
    ? null
    : trans.__('belongs to %1: add that base model first', base.name);
}

/** What a column is called. */
export function columnName(
  { base, adapter }: DraftColumn,
  choices: Choices,
  trans: TranslationBundle
): string {
  return adapter
    ? (choices.adapter(adapter)?.name ?? trans.__('deleted adapter'))
    : (choices.model(base)?.name ?? trans.__('removed base model'));
}
