import type { TranslationBundle } from '@jupyterlab/translation';
import { Token } from '@lumino/coreutils';

import type {
  Adapter,
  BaseModelRecord,
  ComparisonSummary,
  Dataset,
  EvaluationSummary,
  Job,
  Prompt,
  StudioApi
} from './api';
import type { Messages } from './shell/messages';
import type { ListModel, Live, StatusModel } from './state';

/** Commands, for the palette, the launcher and other plugins. */
export namespace CommandIDs {
  export const openSidebar = 'ftstudio:open-sidebar';
  export const refresh = 'ftstudio:refresh';
  export const newRun = 'ftstudio:new-run';
  export const openRun = 'ftstudio:open-run';
  /** Asks how to stop, then stops; `id` is the run's. */
  export const stopRun = 'ftstudio:stop-run';
  /** What was right-clicked, or `kind` and `id`, as code; or a form: `draft` is its JSON. */
  export const showCode = 'ftstudio:show-code';
  export const openDataset = 'ftstudio:open-dataset';
  export const importDataset = 'ftstudio:import-dataset';
  /** What is selected in the file browser, as a dataset. */
  export const importSelected = 'ftstudio:import-selected';
  export const hubToken = 'ftstudio:hub-token';
  export const openModel = 'ftstudio:open-model';
  export const importModel = 'ftstudio:import-model';
  export const openAdapter = 'ftstudio:open-adapter';
  export const importAdapter = 'ftstudio:import-adapter';
  export const downloadAdapter = 'ftstudio:download-adapter';
  /** A compare tab: `adapter`, `base`, or the `id` of a kept comparison. */
  export const compare = 'ftstudio:compare';
  /** The adapter that was right-clicked, or `id`, beside its base model. */
  export const compareAdapter = 'ftstudio:compare-adapter';
  /** The comparison that was right-clicked, or `id`, as a file; `format` is csv or json. */
  export const exportComparison = 'ftstudio:export-comparison';
  /** The form of a new evaluation: `adapter`, `base`, or like the job `from_job`. */
  export const newEvaluation = 'ftstudio:new-evaluation';
  export const openEvaluation = 'ftstudio:open-evaluation';
  /** The adapter that was right-clicked, or `id`, on rows that it has not seen. */
  export const evaluateAdapter = 'ftstudio:evaluate-adapter';
  /** MLflow's own page; `url` is relative to the server's base URL. */
  export const openMlflow = 'ftstudio:open-mlflow';
  export const openPrompt = 'ftstudio:open-prompt';
  export const newPrompt = 'ftstudio:new-prompt';
  /** On the row that was right-clicked, or with `kind` and `id`. */
  export const openRecord = 'ftstudio:open-record';
  export const renameRecord = 'ftstudio:rename-record';
  export const deleteRecord = 'ftstudio:delete-record';
}

/** What a train tab may start from; names or ids. */
export type TrainArgs = {
  /** Fill the form from this run. */
  from_job?: string;
  base_model?: string;
  dataset?: string;
  prompt?: string;
  /** Tokens, as text. */
  max_length?: string;
};

/** What a compare tab may start from; ids. */
export type CompareArgs = { adapter?: string; base?: string; id?: string };

/** What the form of an evaluation may start from; ids. */
export type EvaluateArgs = {
  adapter?: string;
  base?: string;
  from_job?: string;
};

/** The studio's front half: its models, its server, and its tabs. */
export interface IFtStudio {
  readonly api: StudioApi;
  readonly trans: TranslationBundle;
  readonly messages: Messages;
  readonly live: Live;
  readonly status: StatusModel;
  /** Training runs, newest first. */
  readonly jobs: ListModel<Job>;
  readonly datasets: ListModel<Dataset>;
  readonly models: ListModel<BaseModelRecord>;
  readonly adapters: ListModel<Adapter>;
  readonly prompts: ListModel<Prompt>;
  /** Kept comparisons, newest first. */
  readonly comparisons: ListModel<ComparisonSummary>;
  /** Evaluations, newest first. */
  readonly evaluations: ListModel<EvaluationSummary>;

  /** Run one of the studio's commands; failures are shown to the user. */
  execute(command: string, args?: Record<string, string>): void;
  /** A menu of commands below a button. */
  menu(commands: string[], anchor: Element): void;
  openTrain(args?: TrainArgs): void;
  openRun(jobId: string): void;
  openDataset(id: string): void;
  openModel(id: string): void;
  openAdapter(id: string): void;
  openPrompt(id: string): void;
  /** A compare tab: with an adapter beside its base, with a base model, or a kept comparison. */
  openCompare(args?: CompareArgs): void;
  /** The form of a new evaluation. */
  newEvaluation(args?: EvaluateArgs): void;
  openEvaluation(id: string): void;
  /** The import dialog, with files of the reader's computer. */
  importFiles(files: File[]): Promise<void>;
  /** A prompt tab with an empty form. */
  newPrompt(dataset?: string): void;
}

export const IFtStudio = new Token<IFtStudio>(
  'ftstudio-ext:IFtStudio',
  'Fine-tuning Studio: its server, its models and its tabs.'
);
