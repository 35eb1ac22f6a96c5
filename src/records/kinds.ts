import type { TranslationBundle } from '@jupyterlab/translation';

import { formatBytes } from '../format';
import type { IFtStudio } from '../tokens';

export type RecordKind =
  | 'run'
  | 'dataset'
  | 'model'
  | 'adapter'
  | 'prompt'
  | 'comparison'
  | 'evaluation';

/** What the studio can do with any of its objects, whichever kind it is. */
export interface IRecordKind {
  open(id: string): void;
  nameOf(id: string): string;
  rename(id: string, name: string): Promise<unknown>;
  remove(id: string, cascade: boolean): Promise<unknown>;
  /** 'Delete the dataset “sql”?' */
  deleteTitle(name: string): string;
  /** What goes with it, and what stays. */
  consequences(id: string): string;
  /** Ask the server for the kind's list again. */
  refresh(): Promise<unknown>;
}

/** All kinds of objects, by their names. */
export function recordKinds(
  studio: IFtStudio
): Record<RecordKind, IRecordKind> {
  return {
    run: runs(studio),
    dataset: datasets(studio),
    model: models(studio),
    adapter: adapters(studio),
    prompt: prompts(studio),
    comparison: comparisons(studio),
    evaluation: evaluations(studio)
  };
}

type Named = { id: string; name: string; revision?: number };

function find<T extends Named>(items: T[], id: string): T | undefined {
  return items.find(item => item.id === id);
}

function runs(studio: IFtStudio): IRecordKind {
  const { api, jobs, trans } = studio;
  return {
    open: id => studio.openRun(id),
    nameOf: id => find(jobs.items, id)?.name ?? '',
    rename: (id, name) => api.jobs.update(id, { name }),
    remove: (id, cascade) => api.jobs.remove(id, cascade),
    deleteTitle: name => trans.__('Delete the run “%1”?', name),
    consequences: () =>
      trans.__(
        'Deletes its curves, log and checkpoints, so that it cannot be resumed. The adapter it made stays.'
      ),
    refresh: () => jobs.refresh()
  };
}

function datasets(studio: IFtStudio): IRecordKind {
  const { api, trans, prompts: all } = studio;
  const list = studio.datasets;
  return {
    open: id => studio.openDataset(id),
    nameOf: id => find(list.items, id)?.name ?? '',
    rename: (id, name) =>
      api.datasets.update(id, { name }, find(list.items, id)?.revision),
    remove: (id, cascade) => api.datasets.remove(id, cascade),
    deleteTitle: name => trans.__('Delete the dataset “%1”?', name),
    consequences: id => {
      const used = all.items.filter(prompt => prompt.dataset_id === id).length;
      const text = trans.__(
        'Deletes the imported copy (%1). The file or hub dataset it came from stays.',
        formatBytes(find(list.items, id)?.bytes)
      );
      return used ? `${text} ${promptsUsing(used, trans)}` : text;
    },
    refresh: () => Promise.all([list.refresh(), all.refresh()])
  };
}

function promptsUsing(count: number, trans: TranslationBundle): string {
  return trans._n('One prompt uses it.', '%1 prompts use it.', count, count);
}

function models(studio: IFtStudio): IRecordKind {
  const { api, trans } = studio;
  const list = studio.models;
  return {
    open: id => studio.openModel(id),
    nameOf: id => find(list.items, id)?.name ?? '',
    rename: (id, name) =>
      api.models.update(id, { name }, find(list.items, id)?.revision),
    remove: (id, cascade) => api.models.remove(id, cascade),
    deleteTitle: name => trans.__('Remove the base model “%1”?', name),
    consequences: id => {
      const used = studio.adapters.items.filter(
        adapter => adapter.base_model_id === id
      ).length;
      const text = trans.__(
        'Removes it from this list. Its files are not touched.'
      );
      const kept = trans._n(
        'One adapter was trained on it.',
        '%1 adapters were trained on it.',
        used,
        used
      );
      return used ? `${text} ${kept}` : text;
    },
    refresh: () => Promise.all([list.refresh(), studio.adapters.refresh()])
  };
}

function adapters(studio: IFtStudio): IRecordKind {
  const { api, trans } = studio;
  const list = studio.adapters;
  return {
    open: id => studio.openAdapter(id),
    nameOf: id => find(list.items, id)?.name ?? '',
    rename: (id, name) =>
      api.adapters.update(id, { name }, find(list.items, id)?.revision),
    remove: (id, cascade) => api.adapters.remove(id, cascade),
    deleteTitle: name => trans.__('Delete the adapter “%1”?', name),
    consequences: id =>
      trans.__(
        'Deletes the adapter’s folder with its %1 of weights. The run that made it keeps its curves.',
        formatBytes(find(list.items, id)?.size_bytes)
      ),
    refresh: () => list.refresh()
  };
}

function prompts(studio: IFtStudio): IRecordKind {
  const { api, trans } = studio;
  const list = studio.prompts;
  return {
    open: id => studio.openPrompt(id),
    nameOf: id => find(list.items, id)?.name ?? '',
    rename: (id, name) =>
      api.prompts.update(id, { name }, find(list.items, id)?.revision),
    remove: (id, cascade) => api.prompts.remove(id, cascade),
    deleteTitle: name => trans.__('Delete the prompt “%1”?', name),
    consequences: () =>
      trans.__('Runs and adapters made with it keep a copy of its text.'),
    refresh: () => list.refresh()
  };
}

function comparisons(studio: IFtStudio): IRecordKind {
  const { api, trans } = studio;
  const list = studio.comparisons;
  return {
    open: id => studio.openCompare({ id }),
    nameOf: id => find(list.items, id)?.name ?? '',
    rename: (id, name) =>
      api.comparisons.update(id, { name }, find(list.items, id)?.revision),
    remove: (id, cascade) => api.comparisons.remove(id, cascade),
    deleteTitle: name => trans.__('Delete the comparison “%1”?', name),
    consequences: () => trans.__('Deletes its answers and the votes on them.'),
    refresh: () => list.refresh()
  };
}

function evaluations(studio: IFtStudio): IRecordKind {
  const { api, trans } = studio;
  const list = studio.evaluations;
  return {
    open: id => studio.openEvaluation(id),
    nameOf: id => list.items.find(item => item.job_id === id)?.name ?? '',
    rename: (id, name) => api.jobs.update(id, { name }),
    remove: (id, cascade) => api.jobs.remove(id, cascade),
    deleteTitle: name => trans.__('Delete the evaluation “%1”?', name),
    consequences: () =>
      trans.__(
        'Deletes its numbers and all answers. What was logged to MLflow stays there.'
      ),
    refresh: () => list.refresh()
  };
}
