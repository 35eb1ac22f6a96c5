// Made by scripts/generate_types.py from ftstudio_ext/schema: do not edit.
// `jlpm types` writes it anew, `jlpm check:types` tells whether it is current.

/* eslint-disable */

export type Page<T> = { items: T[]; total: number };

/** An adapter as the studio shows it: its manifest, and what its folder holds now. */
export type Adapter = {
  id: string;
  name: string;
  revision: number;
  created_at: string;
  updated_at: string;
  /** Absolute folder. */
  path: string;
  size_bytes: number;
  base_model_id: string | null;
  dataset_id: string | null;
  prompt_id: string | null;
  job_id: string | null;
  manifest: AdapterManifest;
  /** adapter_config.json, as it stands. */
  config: Record<string, unknown>;
};

/** Import an adapter. */
export type AdapterCreate = {
  /** Taken from the folder when absent. */
  name?: string | null;
  source: DirectoryAdapterSource;
  /** Id or name; found from adapter_config.json when absent. */
  base_model?: string | null;
};

/**
 * `ftstudio.json` in an adapter's folder: where it came from, so that the folder alone can
 * be understood and the index rebuilt from it.
 */
export type AdapterManifest = {
  protocol: number;
  id: string;
  name: string;
  /** Grows when the manifest is changed, by renaming. */
  revision: number;
  origin: 'trained' | 'imported';
  created_at: string;
  job_id: string | null;
  /** id, name, source, revision */
  base_model: Record<string, unknown>;
  /** id, name, content_hash, source_revision */
  dataset: Record<string, unknown>;
  /** id, name and both templates */
  prompt: Record<string, unknown>;
  /** seed, fractions and row counts of each part */
  split: Record<string, unknown>;
  method: string | null;
  seed: number | null;
  versions: Record<string, string>;
  metrics: Record<string, number>;
  mlflow_run_id: string | null;
};

/** Renaming changes the display name; the folder never moves. */
export type AdapterPatch = {
  name?: string | null;
};

/** An answer as it is kept. */
export type Answer = {
  answer: AnswerKey;
  text: string;
  metrics: AnswerMetrics;
  error: ErrorInfo | null;
};

/** More of an answer: append `text`. */
export type AnswerDelta = {
  event: 'token';
  answer: AnswerKey;
  text: string;
  /** Tokens so far. */
  tokens: number;
  /** Since the answer's start. */
  seconds: number;
};

/** An answer is complete; `text` is all of it. */
export type AnswerDone = {
  event: 'done';
  answer: AnswerKey;
  text: string;
  metrics: AnswerMetrics;
};

/** Which answer: places in the comparison's `columns`, `questions` and `generation`. */
export type AnswerKey = {
  column: number;
  row: number;
  setting: number;
};

/** How an answer came about, and how it compares with the expected completion. */
export type AnswerMetrics = {
  prompt_tokens: number;
  tokens: number;
  /** From the start of its batch. */
  first_token_s: number | null;
  seconds: number;
  /** Absent for fewer than two tokens. */
  tokens_per_s: number | null;
  stop_reason: 'end' | 'limit' | 'cancelled' | 'error';
  /** Written in one batch with other columns. */
  mixed: boolean;
  exact: boolean | null;
  /** Equal but for white space, letter case, a final . or ;, and fences. */
  normalized: boolean | null;
  /** 0 to 1, by common characters. */
  similarity: number | null;
  /** Of the whole expected completion, for short ones such as labels. */
  expected_probability: number | null;
  task: TaskScore | null;
  diff: DiffPiece[] | null;
};

/** The model reads the question now; the answer's clock starts. */
export type AnswerStarted = {
  event: 'started';
  answer: AnswerKey;
};

/** Make a cleaned copy of a dataset: `fixes` as they stand in the profile's findings. */
export type ApplyRequest = {
  fixes: DataFix[];
  /** `<name>-clean` when absent. */
  name?: string | null;
  /** Also copy the dataset's prompts that still fit. */
  copy_prompts?: boolean;
  request_id?: string | null;
};

/** A question as it was asked. `prompts` has one text a column where they differ. */
export type AskedQuestion = {
  split: string | null;
  /** The dataset's row, counted from 0. */
  row: number | null;
  prompt: string;
  prompts: string[] | null;
  messages: Record<string, unknown>[] | null;
  expected: string | null;
  values: Record<string, unknown>;
};

/** A line of `result/questions.jsonl`: a row as all systems were asked it. */
export type AskedRow = {
  split: string;
  row: number;
  prompt: string;
  expected: string;
  prompt_tokens: number;
  category: string | null;
  /** The columns that are carried along. */
  values: Record<string, unknown>;
};

/** `attempts/<n>.json`: one try at the job. */
export type Attempt = {
  attempt: number;
  token: string;
  supervisor: ProcessIdentity | null;
  worker: ProcessIdentity | null;
  python: string | null;
  device: string | null;
  versions: Record<string, string>;
  resumed_from_step: number | null;
  started_at: string | null;
  finished_at: string | null;
  exit_code: number | null;
  signal: string | null;
  outcome: 'queued' | 'held' | 'starting' | 'running' | 'stopping' | 'succeeded' | 'failed' | 'stopped' | 'lost' | null;
  /** Why it ended as it did, in words. */
  reason: string | null;
  /** The engine that runs it, for example `slurm`. */
  engine: string | null;
  /** Its id there. */
  engine_job: string | null;
  error: ErrorInfo | null;
};

/** Import a base model. */
export type BaseModelCreate = {
  /** Taken from the source when absent. */
  name?: string | null;
  source: DirectoryModelSource | HubModelSource;
  request_id?: string | null;
};

/** What people may change about a base model. */
export type BaseModelPatch = {
  name?: string | null;
};

/** A base model known to the studio. */
export type BaseModelRecord = {
  id: string;
  name: string;
  /** Grows with each change; send it as If-Match to PATCH. */
  revision: number;
  created_at: string;
  updated_at: string;
  source: DirectoryModelSource | HubModelSource;
  /** Absolute folder, for a local model. */
  path: string | null;
  /** The hub commit, for a hub model. */
  source_revision: string | null;
  facts: ModelFacts;
  /** Against the memory that is free now. */
  fit: ModelFit | null;
};

/** One turn of a chat. */
export type ChatMessage = {
  role: 'system' | 'user' | 'assistant';
  content: string;
};

/** POST chat/completions. */
export type ChatRequest = {
  /** Name of a base model or of an adapter. */
  model: string;
  temperature: number;
  top_p: number;
  n: number;
  stop: string[];
  seed: number | null;
  stream: boolean;
  stream_options: StreamOptions;
  precision: 'auto' | '4-bit' | '8-bit' | '16-bit' | '32-bit';
  messages: ChatMessage[];
  max_tokens: number | null;
  max_completion_tokens: number | null;
};

/** One finding. Blocking ones keep a run from starting. */
export type Check = {
  level: 'blocking' | 'warning' | 'info';
  code: string;
  message: string;
  /** Field of the specification, as `a.b`. */
  field: string | null;
  remedy: string | null;
  /** The remedy in one click, where there is one. */
  fix: Fix | null;
  /** Some of the rows that it was found in. */
  rows: number[];
};

/** How many rows the checks looked at. */
export type CheckedSample = {
  rows: number;
  total: number;
};

/** When the run's state is kept, so that it can go on after anything. */
export type CheckpointSettings = {
  /** When absent, by time alone. */
  every_steps?: number | null;
  every_minutes?: number;
  /** At least two, so that a damaged one is never the only one. */
  keep?: number;
};

/** A light job of the type `clean`: writes the copy. */
export type CleanSpec = {
  dataset: string;
  fixes: DataFix[];
  name?: string | null;
  copy_prompts?: boolean;
};

/** The code, and where it does not say the same as the form. */
export type Code = {
  format: 'magic' | 'client' | 'yaml' | 'script' | 'notebook';
  language: 'python' | 'yaml' | 'json';
  /** A fitting name for the file. */
  filename: string;
  text: string;
  /** What one should know before running it. */
  notes: string[];
  /** All formats that there are for it. */
  formats: ('magic' | 'client' | 'yaml' | 'script' | 'notebook')[];
};

/** A training form as code. */
export type CodeRequest = {
  spec: Record<string, unknown>;
  resources?: Resources;
  format?: 'magic' | 'client' | 'yaml' | 'script' | 'notebook';
};

/** A column and its type in words: string, int64, float64, bool, list<string>, struct … */
export type Column = {
  name: string;
  type: string;
};

/** One column over all splits. */
export type ColumnProfile = {
  name: string;
  type: string;
  /** Whether the prompt asks for it; null without one. */
  used: boolean | null;
  /** Rows without a value; NaN counts as none. */
  nulls: number;
  /** Rows with text that is only white space, or an empty list. */
  blank: number;
  distinct: number;
  distinct_is_estimate: boolean;
  /** Of numeric columns; min, max and mean of all, the rest of a sample. */
  numbers: Quantiles | null;
  /** Lengths of text columns. */
  characters: Quantiles | null;
  /** Of the lengths in characters, for text columns. */
  histogram: Histogram | null;
  /** Most frequent values, where there are few. */
  top: ValueCount[];
};

/** Who answers: a base model alone, or with an adapter. */
export type CompareColumn = {
  /** Id or name. */
  base_model: string;
  /** Id or name; the base model alone when absent. */
  adapter?: string | null;
  /** Step of a checkpoint of the run that made the adapter. */
  checkpoint?: number | null;
  /** Id or name of a prompt for dataset rows, instead of the common one. */
  prompt?: string | null;
  /** Instead of the common settings. */
  generation?: GenerationSettings | null;
  /** Made from the names when absent. */
  label?: string | null;
};

/** An answer (or all of them, without `answer`) could not be written. */
export type CompareError = {
  event: 'error';
  error: ErrorInfo;
  answer: AnswerKey | null;
};

/** The row, ready to be edited and sent as a `Question`. */
export type CompareExample = {
  split: string;
  row: number;
  /** Rows that it was drawn from. */
  total: number;
  /** No adapter has trained on it, as far as is recorded. */
  unseen: boolean;
  /** Where it comes from, in words. */
  note: string;
  prompt: string;
  messages: ChatMessage[] | null;
  expected: string;
  values: Record<string, unknown>;
};

/**
 * Something to know: `loading`, `loaded`, `switching`, `one_by_one`, `waiting`, `evicted`,
 * `adapters_dropped`.
 */
export type CompareNotice = {
  event: 'notice';
  code: string;
  message: string;
  /** The columns that it concerns. */
  columns: number[] | null;
};

/** Ask a question, or some rows of a dataset, in all columns. */
export type CompareRequest = {
  /** Made from the columns when absent. */
  name?: string | null;
  columns: CompareColumn[];
  /** Either a question of one's own, … */
  question?: Question | null;
  /** … or rows of a dataset. */
  rows?: RowsQuestion | null;
  /** With several, each column answers each question once with each of them. */
  generation?: GenerationSettings[];
  /** Auto: as the first adapter was trained; 16 bits without adapters. */
  precision?: 'auto' | '4-bit' | '8-bit' | '16-bit' | '32-bit';
  /** One answer at a time: answers do not depend on what else is in the batch. */
  exact?: boolean;
  task?: TaskMetric;
  /** Keep the comparison, to open or export it again. */
  save?: boolean;
};

/** A comparison with its texts, which are kept in files of the workspace. */
export type Comparison = {
  id: string;
  name: string;
  /** Grows with each change; send it as If-Match to PATCH. */
  revision: number;
  created_at: string;
  updated_at: string;
  /** A person has named it; others go when they are old. */
  named: boolean;
  state: 'running' | 'done' | 'cancelled' | 'failed';
  error: ErrorInfo | null;
  columns: ComparisonColumn[];
  generation: GenerationSettings[];
  precision: string;
  exact: boolean;
  dataset_id: string | null;
  dataset_name: string | null;
  prompt_id: string | null;
  prompt_name: string | null;
  /** Number of questions. */
  rows: number;
  votes: Vote[];
  seconds: number | null;
  questions: AskedQuestion[];
  answers: Answer[];
  /** Its newest run, once it was logged. */
  mlflow: MlflowLink | null;
};

/** A column with its names looked up. */
export type ComparisonColumn = {
  label: string;
  base_model_id: string;
  base_model_name: string;
  adapter_id: string | null;
  adapter_name: string | null;
  checkpoint: number | null;
  prompt_id: string | null;
  generation: GenerationSettings | null;
};

/** The last line. */
export type ComparisonEnd = {
  event: 'end';
  state: 'running' | 'done' | 'cancelled' | 'failed';
  seconds: number;
  saved: boolean;
};

/** The first line: who will answer what. `comparison.answers` is empty. */
export type ComparisonOpened = {
  event: 'comparison';
  id: string;
  comparison: Comparison;
};

/** What people may change; `votes` replaces all votes. */
export type ComparisonPatch = {
  name?: string | null;
  votes?: Vote[] | null;
};

/** A comparison in lists. */
export type ComparisonSummary = {
  id: string;
  name: string;
  /** Grows with each change; send it as If-Match to PATCH. */
  revision: number;
  created_at: string;
  updated_at: string;
  /** A person has named it; others go when they are old. */
  named: boolean;
  state: 'running' | 'done' | 'cancelled' | 'failed';
  error: ErrorInfo | null;
  columns: ComparisonColumn[];
  generation: GenerationSettings[];
  precision: string;
  exact: boolean;
  dataset_id: string | null;
  dataset_name: string | null;
  prompt_id: string | null;
  prompt_name: string | null;
  /** Number of questions. */
  rows: number;
  votes: Vote[];
  seconds: number | null;
};

/** POST completions. */
export type CompletionRequest = {
  /** Name of a base model or of an adapter. */
  model: string;
  temperature: number;
  top_p: number;
  n: number;
  stop: string[];
  seed: number | null;
  stream: boolean;
  stream_options: StreamOptions;
  precision: 'auto' | '4-bit' | '8-bit' | '16-bit' | '32-bit';
  prompt: string | string[] | number[] | number[][];
  max_tokens: number;
  echo: boolean;
};

/** Which label was answered (columns) where which was expected (rows). */
export type Confusion = {
  system: string;
  labels: string[];
  counts: number[][];
};

/**
 * Make columns of text from a column of messages (OpenAI's `messages`, ShareGPT's
 * `conversations`): `system`, `history` (earlier turns), `user` and `assistant`. Columns that
 * stay empty in all rows are left out, and the messages themselves are not kept.
 */
export type Conversation = {
  column: string;
  /** One row for each conversation, with its last answer; or one for each answer. */
  answers?: 'last' | 'each';
};

/**
 * What a button beside a finding does; send it back to `apply` as it is. `set_max_length` is
 * for the training form: it changes no data.
 */
export type DataFix = {
  kind: 'drop_rows' | 'dedupe' | 'drop_leaked' | 'drop_columns' | 'set_max_length';
  /** What the button says. */
  label?: string;
  /** Id of the finding whose rows are dropped. */
  finding?: string | null;
  /** Columns that are dropped. */
  columns?: string[];
  /** Tokens, for set_max_length. */
  max_length?: number | null;
};

/** Which rows train, choose and test. Everything is drawn from `seed`. */
export type DataSettings = {
  /** Split to train on; `train`, or the only one, when absent. */
  split?: string | null;
  /** Part of the training rows to use, drawn at random; 1 uses all of them. */
  fraction?: number;
  /** Rows set aside to judge the run, where the dataset has no validation split. */
  validation_fraction?: number;
  /** Rows that training never sees, where the dataset has no test split. */
  test_fraction?: number;
};

/** An imported dataset: an immutable Arrow copy below `datasets/<id>/` in the workspace. */
export type Dataset = {
  id: string;
  name: string;
  /** Grows with each change; send it as If-Match to PATCH. */
  revision: number;
  created_at: string;
  updated_at: string;
  source: FileSource | DirectorySource | HubSource | DerivedSource;
  /** Columns renamed or left out when it was imported. */
  column_changes: Record<string, string | null>;
  conversation: Conversation | null;
  /** Empty for the hub and for uploads. */
  source_files: SourceFile[];
  /** Its source was uploaded for the import alone. */
  uploaded: boolean;
  /** Whether the source differs from what was imported. Told for a single dataset only; absent where there is no local source. */
  source_changed: boolean | null;
  /** What has changed and what to do about it. */
  source_note: string | null;
  state: 'importing' | 'ready' | 'failed';
  error: string | null;
  /** Its import job, where it was not imported at once. */
  job_id: string | null;
  columns: Column[];
  splits: Split[];
  rows: number;
  bytes: number;
  /** SHA-256 over all split files. */
  content_hash: string | null;
  /** The hub commit that was imported. */
  source_revision: string | null;
  /** What the import has left out, in sentences. */
  notes: string[];
  /** How many findings the doctor has; null where it was never asked. */
  findings: number | null;
};

/**
 * Import a dataset. The source is never changed: columns are renamed and dropped in the
 * imported copy.
 */
export type DatasetCreate = {
  /** Taken from the source when absent. */
  name?: string | null;
  source: FileSource | DirectorySource | HubSource;
  /** {column: new name, or null to leave it out}; others stay as they are. With `conversation`, these are the columns that it makes. */
  columns?: Record<string, string | null>;
  conversation?: Conversation | null;
  /** Delete the files after a successful import; for files in the uploads folder (see `uploads_path` of the status) only. */
  delete_source?: boolean;
  request_id?: string | null;
};

/** What people may change about a dataset. */
export type DatasetPatch = {
  name?: string | null;
};

/** The newest profile, and the job that makes or failed to make the next one. */
export type DatasetProfile = {
  dataset_id: string;
  /** null: never examined. */
  profile: Profile | null;
  /** The newest profile job; its progress counts rows. */
  job: Job | null;
};

/** A cleaned copy of another dataset (`POST datasets/{id}/apply`). */
export type DerivedSource = {
  source: 'derived';
  dataset_id: string;
  /** Its name at that time. */
  dataset: string;
  /** What the copy was made from. */
  content_hash?: string | null;
  /** What was done, in words. */
  steps?: string[];
};

/** A place to train on. */
export type Device = {
  /** `cpu`, or the GPU's UUID. */
  id: string;
  kind: 'cpu' | 'cuda';
  name: string;
  memory_total_bytes: number;
  memory_free_bytes: number;
};

/** `same` in both; `missing`: only expected; `extra`: only in the answer. */
export type DiffPiece = {
  kind: 'same' | 'missing' | 'extra';
  text: string;
};

/** A PEFT folder (adapter_config.json, adapter_model.safetensors). */
export type DirectoryAdapterSource = {
  source: 'directory';
  /** A folder below the server's root directory. */
  path: string;
};

/** A folder in Hugging Face format (config.json, safetensors, tokenizer). */
export type DirectoryModelSource = {
  source: 'directory';
  /** A folder below the server's root directory. */
  path: string;
};

/**
 * A folder of files of one format, or a zip of such a folder. Names tell the splits: a file
 * or folder called train, validation (valid, val, dev) or test, as in `train-00000.parquet`;
 * where no name does, all files together are `train`.
 */
export type DirectorySource = {
  source: 'directory';
  /** A folder, or a .zip file, below the server's root directory. */
  path: string;
  /** Which files to take, where there are several formats. */
  format?: 'csv' | 'tsv' | 'json' | 'jsonl' | 'parquet' | 'arrow' | null;
};

/** A histogram of the rows' values: counts[i] lie between edges[i] and edges[i + 1]. */
export type Distribution = {
  metric: string;
  system: string;
  edges: number[];
  counts: number[];
};

/** Submit a job's specification again. */
export type DuplicateRequest = {
  request_id: string;
  /** A free name like the original's when absent. */
  name?: string | null;
  /** Fields of the specification that differ; each replaces the whole field. */
  changes?: Record<string, unknown>;
  /** The original's when absent. */
  resources?: Resources | null;
  hold?: boolean;
};

/** The body of every HTTP answer of status 400 and above. */
export type ErrorBody = {
  error: ErrorInfo;
};

/** A failure in words: a stable code, what happened, and what to do. */
export type ErrorInfo = {
  code: string;
  message: string;
  field: string | null;
  remedy: string | null;
};

/** A metric of one system with its 95 % interval: Wilson for shares, else a seeded bootstrap. */
export type Estimate = {
  value: number | null;
  low: number | null;
  high: number | null;
  /** Rows that have a value. */
  n: number;
  /** For shares. */
  successes: number | null;
};

/** An evaluation as people ask for it. Ids or unique names stand for objects. */
export type EvaluateSpec = {
  name: string;
  base_model: string;
  /** Adapters of this base model to judge. */
  adapters?: string[];
  dataset: string;
  prompt: string;
  /** When absent: the test rows that the first adapter's training set aside. */
  splits?: string[] | null;
  /** Drawn at random; all of them where a split has fewer. */
  rows?: number;
  /** Part of each split instead of a number of rows. */
  fraction?: number | null;
  /** Scores are also given for each value of this column. */
  category_column?: string | null;
  /** Shown with each row of the result, and in its exports. */
  carry_columns?: string[];
  seed?: number;
  /** Judge an adapter on rows it was trained on, too. Its score then says nothing about new rows. */
  allow_training_rows?: boolean;
  /** The base model answers once for each entry, with so many solved training rows in front of the question. Empty leaves the base model out. */
  base_shots?: number[];
  /** Auto: as the first adapter was trained; 16 bits without adapters. */
  precision?: 'auto' | '4-bit' | '8-bit' | '16-bit' | '32-bit';
  batch_size?: number;
  /** When absent: greedy, with room for all but the longest 1 % of the expected answers. */
  generation?: GenerationSettings | null;
  /** Also judge SQL by its result. */
  sql?: SqlExecution | null;
  /** When absent: those that fit the expected answers. */
  scorers?: string[] | null;
  /** When absent: the strictest that fits, such as execution accuracy for SQL. */
  primary_metric?: string | null;
  /** A regular expression that a good answer contains. */
  regex?: string | null;
  /** Fields of a JSON answer to compare; all of the expected ones when empty. */
  json_fields?: string[];
  /** Python files with scorers of your own; they run in the job's process only. */
  scorer_files?: ScorerFile[];
  /** With adapters of their own; asked the same rows, one base after another. */
  more_systems?: MoreSystems[];
  mlflow?: MlflowSettings;
};

/** An evaluation with all its numbers; `metrics` is absent before the end. */
export type Evaluation = {
  job_id: string;
  name: string;
  state: 'queued' | 'held' | 'starting' | 'running' | 'stopping' | 'succeeded' | 'failed' | 'stopped' | 'lost';
  created_at: string;
  finished_at: string | null;
  progress: Progress | null;
  base_model: string | null;
  dataset: string | null;
  prompt: string | null;
  adapters: string[];
  /** Asked; absent before the end. */
  rows: number | null;
  /** One sentence; absent before the end. */
  verdict: string | null;
  /** Of the best adapter against the baseline. */
  outcome: 'better' | 'worse' | 'different' | 'none' | null;
  metrics: Metrics | null;
  mlflow: MlflowLink | null;
};

/**
 * Systems of other evaluations (`system` of the comparisons) against one of this evaluation
 * (`baseline`), with Holm's correction over all of them.
 */
export type EvaluationAgainst = {
  metric: string;
  /** Of this evaluation, with which all are compared. */
  system: string;
  label: string;
  others: OtherEvaluation[];
};

/** A row with the answers of all systems. */
export type EvaluationRow = {
  split: string;
  row: number;
  prompt: string;
  expected: string;
  category: string | null;
  values: Record<string, unknown>;
  /** By system. */
  answers: Record<string, ScoredRow>;
  /** Of the system against the baseline. */
  outcome: 'win' | 'loss' | 'tie' | null;
  /** By the metric, turned so that more is better. */
  difference: number | null;
};

/** A page of rows; the counts are of all rows that match, before the choice of outcome. */
export type EvaluationRowsPage = {
  items: EvaluationRow[];
  total: number;
  metric: string;
  system: string | null;
  baseline: string | null;
  wins: number;
  losses: number;
  ties: number;
};

/** Loss on validation rows while training runs. */
export type EvaluationSettings = {
  strategy?: 'off' | 'steps' | 'epoch';
  steps?: number;
  /** Answers written on fixed validation rows at each evaluation. */
  samples?: number;
  /** At each evaluation, so many answers on fixed validation rows are also judged by the scorers that fit; costs an answer's time each. */
  scored_rows?: number;
  /** The adapter is that of the evaluation with the lowest validation loss, not that of the last step. */
  keep_best?: boolean;
  /** Ends the run after so many evaluations without a lower validation loss. */
  patience?: number | null;
};

/** An evaluation in a list. */
export type EvaluationSummary = {
  job_id: string;
  name: string;
  state: 'queued' | 'held' | 'starting' | 'running' | 'stopping' | 'succeeded' | 'failed' | 'stopped' | 'lost';
  created_at: string;
  finished_at: string | null;
  progress: Progress | null;
  base_model: string | null;
  dataset: string | null;
  prompt: string | null;
  adapters: string[];
  /** Asked; absent before the end. */
  rows: number | null;
  /** One sentence; absent before the end. */
  verdict: string | null;
  /** Of the best adapter against the baseline. */
  outcome: 'better' | 'worse' | 'different' | 'none' | null;
};

/**
 * A line of `events.jsonl`. `kind` says which of the other fields are there:
 *
 * metric      step, epoch, values {loss, eval_loss, learning_rate, grad_norm, tokens_per_s, …}
 * phase       phase
 * checkpoint  step, path
 * sample      step, row, prompt, expected, text
 * warning     code, message, remedy
 * resumed     from_step: readers drop the points of earlier attempts beyond it
 * result      values, data (what a finished evaluation or import has to say)
 */
export type Event = {
  kind: 'metric' | 'phase' | 'checkpoint' | 'sample' | 'warning' | 'resumed' | 'result';
  attempt: number;
  time: string;
  step: number | null;
  epoch: number | null;
  values: Record<string, number> | null;
  phase: string | null;
  path: string | null;
  row: number | null;
  prompt: string | null;
  expected: string | null;
  text: string | null;
  code: string | null;
  message: string | null;
  remedy: string | null;
  from_step: number | null;
  data: Record<string, unknown> | null;
};

/** Whole events from a byte position on; ask again with `after=position`. */
export type EventsPage = {
  events: Event[];
  position: number;
  more: boolean;
};

/** A row as a question; a random one that no adapter has trained on when `row` is absent. */
export type ExampleRequest = {
  dataset: string;
  prompt: string;
  adapters?: string[];
  split?: string | null;
  row?: number | null;
  seed?: number | null;
};

/** Solved rows for the field `examples` of a prompt. */
export type Examples = {
  examples: SolvedExample[];
};

/** Draw solved rows to stand in front of every question. */
export type ExamplesRequest = {
  dataset: string;
  /** Id or name of a stored prompt, or … */
  prompt?: string | null;
  mode?: 'text' | 'chat' | null;
  prompt_template?: string | null;
  completion_template?: string | null;
  messages?: Message[] | null;
  chat_template?: 'chatml' | 'headings' | null;
  examples?: SolvedExample[] | null;
  task?: 'auto' | 'sql' | 'json' | 'label' | 'short' | 'text' | null;
  n?: number;
  /** Another seed draws other rows. */
  seed?: number;
};

/** The data of the job's `result` event. */
export type Export = {
  /** Absolute folder. */
  path: string;
  format: 'merged' | 'adapter';
  precision: string | null;
  size_bytes: number;
};

/** `ftstudio-export.json` in the folder: where it comes from. */
export type ExportManifest = {
  protocol: number;
  job_id: string;
  created_at: string;
  format: 'merged' | 'adapter';
  precision: string | null;
  /** The adapter's own manifest. */
  adapter: Record<string, unknown>;
  versions: Record<string, string>;
};

/** Export the adapter of the address. */
export type ExportRequest = {
  request_id: string;
  format?: 'merged' | 'adapter';
  name?: string | null;
  precision?: 'auto' | 'bfloat16' | 'float16' | 'float32';
};

/** Export an adapter into a folder below `exports/` of the workspace. */
export type ExportSpec = {
  adapter: string;
  /** Merged: a whole model with the adapter in its weights, which every program for Hugging Face models loads. Adapter: the PEFT folder as it is. */
  format?: 'merged' | 'adapter';
  /** Below exports/; made from the adapter's name when absent. */
  name?: string | null;
  /** Of a merged model's weights. Auto: as the base model's are stored. */
  precision?: 'auto' | 'bfloat16' | 'float16' | 'float32';
};

/** One file, or one or several files a split. */
export type FileSource = {
  source: 'file';
  /** A path below the server's root directory, or {split: path}, or {split: [path, …]}. */
  path: string | Record<string, string | string[]>;
  /** Taken from the file name when absent. */
  format?: 'csv' | 'tsv' | 'json' | 'jsonl' | 'parquet' | 'arrow' | null;
};

/** One thing that is wrong, or may be. */
export type Finding = {
  /** Unique in its profile: the code, with the column where it has one. */
  id: string;
  code: 'empty_rows' | 'empty_cells' | 'duplicates' | 'near_duplicates' | 'leaked_rows' | 'constant_column' | 'id_like_column' | 'mostly_empty_column' | 'imbalanced_column' | 'extreme_lengths' | 'too_long';
  level: 'warning' | 'info';
  /** A sentence with the numbers in it. */
  message: string;
  /** Rows concerned; of a column, its rows. */
  count: number;
  /** `count` as a part of the rows that were looked at. */
  share: number;
  column: string | null;
  /** Some of them. */
  rows: RowRef[];
  remedy: string;
  /** The remedy in one click, where there is one. */
  fix: DataFix | null;
};

/** A remedy that a button can carry out. */
export type Fix = {
  /** set_field changes the training specification, set_prompt_field the prompt. */
  kind: 'set_field' | 'set_prompt_field';
  /** As `a.b`. */
  field: string;
  /** What the field is set to. */
  value: unknown;
  /** What the button says. */
  label: string;
};

/** What one remedy did. */
export type FixOutcome = {
  kind: 'drop_rows' | 'dedupe' | 'drop_leaked' | 'drop_columns' | 'set_max_length';
  finding: string | null;
  columns: string[];
  /** {split: rows} */
  dropped_rows: Record<string, number>;
};

/** Fields as in transformers' GenerationConfig; temperature 0 is greedy. */
export type GenerationSettings = {
  max_new_tokens?: number;
  /** 0 always takes the likeliest token. */
  temperature?: number;
  top_p?: number;
  /** 0 keeps all tokens. */
  top_k?: number;
  repetition_penalty?: number;
  seed?: number;
  advanced?: Record<string, unknown>;
};

/** A metric of a system on the rows of one group: for plots by length and by category. */
export type GroupScore = {
  by: 'length' | 'category';
  group: string;
  order: number;
  system: string;
  metric: string;
  estimate: Estimate;
};

/**
 * `counts[i]` values lie from `edges[i]` up to, not including, `edges[i + 1]`; the last bin
 * includes its end.
 */
export type Histogram = {
  edges: number[];
  counts: number[];
};

/** A subset ("config") of a dataset. */
export type HubConfig = {
  name: string;
  default: boolean;
  splits: HubSplit[];
  columns: Column[];
  rows: number | null;
  download_bytes: number | null;
};

/** A dataset in a list. */
export type HubDataset = {
  /** owner/name */
  id: string;
  /** In the last 30 days. */
  downloads: number | null;
  likes: number | null;
  /** Its authors ask for consent first, and answer at once or by hand. */
  gated: 'auto' | 'manual' | null;
  private: boolean;
  updated_at: string | null;
  description: string | null;
  licence: string | null;
  tags: string[];
  rows: number | null;
  /** To download, where its card tells. */
  size_bytes: number | null;
  /** For example 10K<n<100K rows. */
  size_category: string | null;
};

/** One dataset of the hub, before it is imported. */
export type HubDatasetInfo = {
  /** owner/name */
  id: string;
  /** In the last 30 days. */
  downloads: number | null;
  likes: number | null;
  /** Its authors ask for consent first, and answer at once or by hand. */
  gated: 'auto' | 'manual' | null;
  private: boolean;
  updated_at: string | null;
  description: string | null;
  licence: string | null;
  tags: string[];
  rows: number | null;
  /** To download, where its card tells. */
  size_bytes: number | null;
  /** For example 10K<n<100K rows. */
  size_category: string | null;
  commit: string;
  access: 'granted' | 'needs_token' | 'needs_licence';
  /** What to do to get access. */
  access_note: string | null;
  url: string;
  configs: HubConfig[];
};

/** Search results; ask again with `cursor=next` for more. */
export type HubDatasetPage = {
  items: HubDataset[];
  next: string | null;
};

/** A model in a list. */
export type HubModel = {
  /** owner/name */
  id: string;
  /** In the last 30 days. */
  downloads: number | null;
  likes: number | null;
  /** Its authors ask for consent first, and answer at once or by hand. */
  gated: 'auto' | 'manual' | null;
  private: boolean;
  updated_at: string | null;
  description: string | null;
  licence: string | null;
  tags: string[];
  parameters: number | null;
  dtype: string | null;
  model_type: string | null;
  /** Quantization already applied, if any. */
  quantized: string | null;
  /** Estimated from the parameters alone. */
  memory: MemoryBytes | null;
  fit: ModelFit | null;
};

/** One model of the hub, before it is imported. */
export type HubModelInfo = {
  /** owner/name */
  id: string;
  /** In the last 30 days. */
  downloads: number | null;
  likes: number | null;
  /** Its authors ask for consent first, and answer at once or by hand. */
  gated: 'auto' | 'manual' | null;
  private: boolean;
  updated_at: string | null;
  description: string | null;
  licence: string | null;
  tags: string[];
  parameters: number | null;
  dtype: string | null;
  model_type: string | null;
  /** Quantization already applied, if any. */
  quantized: string | null;
  /** Estimated from the parameters alone. */
  memory: MemoryBytes | null;
  fit: ModelFit | null;
  commit: string;
  access: 'granted' | 'needs_token' | 'needs_licence';
  /** What to do to get access. */
  access_note: string | null;
  url: string;
  /** Absent where access is missing. */
  facts: ModelFacts | null;
  /** Why it cannot be trained on, if so. */
  problem: string | null;
};

/** Search results; ask again with `cursor=next` for more. */
export type HubModelPage = {
  items: HubModel[];
  next: string | null;
};

/** A model of the Hugging Face hub, pinned to a revision once it is resolved. */
export type HubModelSource = {
  source: 'hub';
  repo_id: string;
  /** Branch, tag or commit; main when absent. */
  revision?: string | null;
};

/** A repository in a list. */
export type HubRepo = {
  /** owner/name */
  id: string;
  /** In the last 30 days. */
  downloads: number | null;
  likes: number | null;
  /** Its authors ask for consent first, and answer at once or by hand. */
  gated: 'auto' | 'manual' | null;
  private: boolean;
  updated_at: string | null;
  description: string | null;
  licence: string | null;
  tags: string[];
};

/** A dataset of the Hugging Face hub, pinned to a revision once it is resolved. */
export type HubSource = {
  source: 'hub';
  repo_id: string;
  /** The subset, where the dataset has several. */
  config?: string | null;
  /** Branch, tag or commit; main when absent. */
  revision?: string | null;
  /** The splits to import; all of them when absent. */
  splits?: string[] | null;
};

/** A split of a subset. */
export type HubSplit = {
  name: string;
  rows: number | null;
  bytes: number | null;
};

/** The state of the server's hub token; never the token itself. */
export type HubToken = {
  /** `present` means not tested. */
  state: 'absent' | 'present' | 'valid' | 'rejected' | 'unreachable';
  /** Whose it is, once tested. */
  user: string | null;
  source: 'environment' | 'file' | null;
  /** What the test said, and what to do. */
  message: string | null;
};

/** Test a token, and keep it in the hub library's own place if it is good. */
export type HubTokenPut = {
  token: string;
};

/** What is loaded for inference. */
export type InferenceStatus = {
  models: LoadedModel[];
  idle_timeout_s: number;
  /** Why nothing can be loaded now. */
  blocked: string | null;
};

/** The Python that jobs run in, and what it has of the training stack. */
export type Interpreter = {
  python: string;
  /** What people call it: a kernel's display name. */
  label: string | null;
  version: string | null;
  packages: Record<string, string>;
  missing: string[];
  ok: boolean;
  error: ErrorInfo | null;
};

/** A job as clients see it: the run directory's files in one object. */
export type Job = {
  id: string;
  type: 'train' | 'evaluate' | 'import' | 'profile' | 'clean' | 'register' | 'export' | 'log_comparison';
  name: string;
  state: 'queued' | 'held' | 'starting' | 'running' | 'stopping' | 'succeeded' | 'failed' | 'stopped' | 'lost';
  reason: string | null;
  attempt: number;
  error: ErrorInfo | null;
  priority: number;
  hold: boolean;
  /** 1 is next. */
  queue_position: number | null;
  /** `slurm` where it waits in Slurm's queue, or runs there. */
  engine: string | null;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
  updated_at: string;
  progress: Progress | null;
  can_resume: boolean;
  resume_step: number | null;
  last_checkpoint_step: number | null;
  /** Display name. */
  base_model: string | null;
  /** Display name. */
  dataset: string | null;
  dataset_id: string | null;
  /** Display name. */
  prompt: string | null;
  adapter_id: string | null;
  /** Absolute. */
  run_dir: string;
};

/** Submit a job. The same `request_id` sent twice makes one job. */
export type JobCreate = {
  type: 'train' | 'evaluate' | 'import' | 'profile' | 'clean' | 'register' | 'export' | 'log_comparison';
  spec: Record<string, unknown>;
  request_id: string;
  resources?: Resources;
  hold?: boolean;
};

/** A single job: with its specification and its attempts. */
export type JobDetail = {
  id: string;
  type: 'train' | 'evaluate' | 'import' | 'profile' | 'clean' | 'register' | 'export' | 'log_comparison';
  name: string;
  state: 'queued' | 'held' | 'starting' | 'running' | 'stopping' | 'succeeded' | 'failed' | 'stopped' | 'lost';
  reason: string | null;
  attempt: number;
  error: ErrorInfo | null;
  priority: number;
  hold: boolean;
  /** 1 is next. */
  queue_position: number | null;
  /** `slurm` where it waits in Slurm's queue, or runs there. */
  engine: string | null;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
  updated_at: string;
  progress: Progress | null;
  can_resume: boolean;
  resume_step: number | null;
  last_checkpoint_step: number | null;
  /** Display name. */
  base_model: string | null;
  /** Display name. */
  dataset: string | null;
  dataset_id: string | null;
  /** Display name. */
  prompt: string | null;
  adapter_id: string | null;
  /** Absolute. */
  run_dir: string;
  spec: Record<string, unknown>;
  resolved: Record<string, unknown>;
  resources: Resources;
  attempts: Attempt[];
};

/** What the event bus carries: that something changed, never the thing itself. */
export type JobHint = {
  job_id: string;
  kind: string;
  state: 'queued' | 'held' | 'starting' | 'running' | 'stopping' | 'succeeded' | 'failed' | 'stopped' | 'lost' | null;
  position: number | null;
};

/** What people may change about a job. */
export type JobPatch = {
  name?: string | null;
  hold?: boolean | null;
  priority?: number | null;
};

/** `spec.json`: immutable; written before the job exists for anybody. */
export type JobSpec = {
  protocol: number;
  id: string;
  type: 'train' | 'evaluate' | 'import' | 'profile' | 'clean' | 'register' | 'export' | 'log_comparison';
  name: string;
  request_id: string;
  created_at: string;
  slot: 'heavy' | 'light';
  /** Worker module, run as `python -m <module> <run dir> <attempt>`. */
  module: string;
  /** Absolute interpreter path. */
  python: string;
  /** Absolute folder of the package copy the worker runs from. */
  pythonpath: string;
  /** Variables set for the worker; never secrets. */
  env: Record<string, string>;
  resources: Resources;
  /** As asked for, defaults filled in. */
  spec: Record<string, unknown>;
  /** Names looked up: records, paths, revisions. */
  resolved: Record<string, unknown>;
};

/** What a max length would leave out. */
export type LimitShare = {
  max_length: number;
  /** Counted rows that do not fit: training leaves them out. */
  too_long: number;
  share: number;
};

/** A resident inference process. */
export type LoadedModel = {
  base_model_id: string;
  base_model_name: string;
  precision: string;
  state: 'starting' | 'loading' | 'ready' | 'busy';
  /** Names of the adapters in memory. */
  adapters: string[];
  device: string | null;
  memory_bytes: number | null;
  idle_s: number;
  idle_timeout_s: number;
  pid: number | null;
};

/** Log the comparison of the address. */
export type LogComparisonRequest = {
  request_id: string;
};

/** Log a comparison to MLflow, with its answers and the votes so far; each time a new run. */
export type LogComparisonSpec = {
  /** Id or name. */
  comparison: string;
};

/** A piece of the log, as text, and the byte position behind it. */
export type LogPage = {
  text: string;
  position: number;
  size: number;
};

/** Low-rank adaptation (Hu et al. 2021, arXiv:2106.09685); fields as in PEFT's LoraConfig. */
export type LoraSettings = {
  /** Size of the low-rank update; 8 to 64 is usual, more learns more and costs more. */
  r?: number;
  /** The update is scaled by alpha / rank; twice the rank is usual. */
  alpha?: number;
  dropout?: number;
  /** `all-linear` (recommended by QLoRA), or a list of module names. */
  target_modules?: string | string[];
  advanced?: Record<string, unknown>;
};

/** The answer of `POST training/memory`. */
export type MemoryAnswer = {
  /** Tokens of the longest row that is reckoned with. */
  length: number;
  per_device_batch_size: number;
  trainable_parameters: number;
  parameters: number;
  estimates: MemoryEstimate[];
};

/**
 * Bytes of the weights in memory when they are loaded in 4, 8 or 16 bits. The linear layers
 * are quantized; embeddings, norms and the output layer stay in 16 bits.
 */
export type MemoryBytes = {
  bits4: number;
  bits8: number;
  bits16: number;
  /** Counted tensor by tensor, not estimated. */
  exact: boolean;
};

/** The peak of one training step on one device. */
export type MemoryEstimate = {
  device: string;
  device_name: string;
  kind: 'cpu' | 'cuda';
  /** Whether the run would use this device. */
  chosen: boolean;
  parts: MemoryPart[];
  total_bytes: number;
  free_bytes: number;
  verdict: 'fits' | 'tight' | 'too_large';
  /** Whether a run of this model on this device has confirmed it. */
  calibrated: boolean;
  /** What makes it fit, the cheapest first. */
  fixes: MemoryFix[];
};

/** A change of the form that takes less memory. */
export type MemoryFix = {
  label: string;
  /** Fields of the specification, as `a.b`. */
  changes: Record<string, unknown>;
  /** What it costs. */
  note: string;
  saves_bytes: number;
  total_bytes: number;
  verdict: 'fits' | 'tight' | 'too_large';
};

/** One part of the estimate. */
export type MemoryPart = {
  name: 'weights' | 'adapter' | 'gradients' | 'optimizer' | 'activations' | 'loss' | 'temporary' | 'framework';
  bytes: number;
};

/** What a model and its LoRA layers take, measured by a dry run without weights. */
export type MemoryProfile = {
  layers: number;
  hidden_size: number;
  vocab_size: number;
  /** In linear layers, which are quantized. */
  linear_parameters: number;
  /** Embeddings, norms, output layer: kept in 16 bits. Tied ones count once. */
  other_parameters: number;
  /** Parameters of the largest linear layer. */
  largest_linear: number;
  trainable_parameters: number;
  /** Bytes that one layer keeps for the backward pass, for each token. */
  layer_bytes: number;
  /** The same for the first layer, with what lies before and after all layers. */
  first_layer_bytes: number;
};

/** One turn of a conversation, with placeholders. */
export type Message = {
  role: 'system' | 'user' | 'assistant';
  /** Text with {column} placeholders; {?column}…{/column} stands only where the column has a value; write {{ and }} for literal braces. */
  content: string;
};

/** A number that a scorer gives for each row, or for all rows together. */
export type MetricInfo = {
  key: string;
  title: string;
  scorer: string;
  description: string;
  /** `share`: 0 or 1 for a row, a share of the rows for a system. */
  kind: 'share' | 'number';
  /** Shown in percent: 0.25 is 25 %. */
  percent: boolean;
  /** Absent where neither is better by itself. */
  better: 'higher' | 'lower' | null;
  unit: string | null;
  /** Computed from all rows together (BLEU, macro-F1), not a mean of rows. */
  corpus: boolean;
  /** Rows are independent of each other, so that intervals and tests mean something; the rows of a batch share their time. */
  tested: boolean;
  /** Each row has a value of its own, too. */
  per_row: boolean;
};

/** `result/metrics.json`. */
export type Metrics = {
  /** The metrics, in the order of the table. */
  infos: MetricInfo[];
  primary_metric: string;
  systems: SystemInfo[];
  splits: string[];
  /** Each system on each split. */
  scores: Score[];
  /** Each system on all rows. */
  overall: Score[];
  comparisons: PairedComparison[];
  /** The strongest base system. */
  baseline: string | null;
  verdict: string;
  /** Each other system against the baseline, by the primary metric. */
  verdicts: PairedComparison[];
  plots: Plots;
  /** What to keep in mind when reading the numbers. */
  notes: string[];
  precision: string;
  device: string;
  max_new_tokens: number;
  batch_size: number;
  /** Generation in all attempts, without loading. */
  seconds: number;
  timing: Timing;
};

/**
 * Where MLflow shows something. `url` is relative to the Jupyter server's base URL and starts
 * MLflow's own page inside it; absent where that is not installed.
 */
export type MlflowLink = {
  tracking_uri: string;
  experiment_id: string;
  run_id: string;
  url: string | null;
  /** Run ids by system. */
  runs: Record<string, string>;
  /** The baseline's and the first adapter's traces, row by row. */
  compare_url: string | null;
};

/** What of an evaluation goes to MLflow. */
export type MlflowSettings = {
  /** One run for each system below one parent, with the full table. */
  enabled?: boolean;
  /** First, worst and random rows that MLflow shows one by one; about a quarter of a second each. */
  traced_rows?: number;
};

/** Read from config.json, the safetensors headers and the tokenizer files; absent = unknown. */
export type ModelFacts = {
  architecture: string | null;
  model_type: string | null;
  parameters: number | null;
  /** Tokens. */
  context_length: number | null;
  dtype: string | null;
  vocab_size: number | null;
  hidden_size: number | null;
  layers: number | null;
  pad_token: string | null;
  bos_token: string | null;
  eos_token: string | null;
  chat_template: boolean;
  /** Quantization already applied, if any. */
  quantized: string | null;
  /** Size on disk of the weights. */
  size_bytes: number | null;
  /** As its card or licence file names it. */
  licence: string | null;
  unk_token: string | null;
  /** All of them, by name, the first 50. */
  special_tokens: string[];
  memory: MemoryBytes | null;
  /** How a model without a token for padding is trained here. */
  pad_note: string | null;
};

/** Whether the weights and the work of training fit into the free memory of the best device. */
export type ModelFit = {
  /** Its name. */
  device: string;
  free_bytes: number;
  bits4: 'fits' | 'tight' | 'too_large';
  bits8: 'fits' | 'tight' | 'too_large';
  bits16: 'fits' | 'tight' | 'too_large';
};

/** Another base model, with adapters of its own, on the same rows. */
export type MoreSystems = {
  base_model: string;
  adapters?: string[];
  base_shots?: number[];
};

/** What both kinds of requests share. */
export type OpenAIRequest = {
  /** Name of a base model or of an adapter. */
  model: string;
  temperature: number;
  top_p: number;
  n: number;
  stop: string[];
  seed: number | null;
  stream: boolean;
  stream_options: StreamOptions;
  precision: 'auto' | '4-bit' | '8-bit' | '16-bit' | '32-bit';
};

/** How the adapter's weights move. */
export type OptimizerSettings = {
  name?: 'adamw_torch' | 'adamw_8bit' | 'paged_adamw_8bit' | 'paged_adamw_32bit';
  weight_decay?: number;
  /** Part of all steps over which the learning rate rises from zero. */
  warmup_ratio?: number;
  scheduler?: 'cosine' | 'linear' | 'constant' | 'constant_with_warmup';
  max_grad_norm?: number;
  advanced?: Record<string, unknown>;
};

/** Another evaluation's systems against one of this, on the rows that both were asked. */
export type OtherEvaluation = {
  job_id: string;
  name: string;
  rows: number;
  /** Asked in both, with the same expected answer. */
  shared_rows: number;
  /** Asked in the words of another prompt. */
  other_prompt: boolean;
  /** Why no difference is tested, in a sentence. */
  problem: string | null;
  comparisons: PairedComparison[];
};

/** Two systems on the same rows, paired row by row, by one metric. */
export type PairedComparison = {
  system: string;
  baseline: string;
  split: string;
  metric: string;
  n: number;
  value: number | null;
  baseline_value: number | null;
  /** System minus baseline. */
  difference: number | null;
  /** 95 % interval of the difference. */
  low: number | null;
  high: number | null;
  p_value: number | null;
  /** After Holm's correction over all systems compared with the baseline. */
  p_adjusted: number | null;
  /** The test's name, in words. */
  test: string;
  /** Rows on which the system is better than the baseline. */
  wins: number;
  losses: number;
  ties: number;
  /** `different`: shown, but neither direction is better by itself. */
  verdict: 'better' | 'worse' | 'different' | 'none';
  sentence: string;
};

/** The first rows of what would be imported; types are those of these rows, and may widen. */
export type Peek = {
  format: 'csv' | 'tsv' | 'json' | 'jsonl' | 'parquet' | 'arrow';
  splits: PeekedSplit[];
  /** Files of a folder that hold no data. */
  ignored: string[];
  columns: Column[];
  rows: Record<string, unknown>[];
  recognised: Recognised | null;
  bytes: number;
  /** Whether the import will be a job, for its size. */
  as_job: boolean;
  /** The name that the dataset gets when none is given. */
  name: string;
};

/** Look into files before they are imported. */
export type PeekRequest = {
  source: FileSource | DirectorySource;
  /** Show the columns it would make. */
  conversation?: Conversation | null;
  /** Rows to show. */
  limit?: number;
};

/** A split as the file names tell it. */
export type PeekedSplit = {
  name: string;
  files: string[];
  bytes: number;
  /** Known for Parquet and Arrow files. */
  rows: number | null;
};

/** Data of the plots, over all splits. */
export type Plots = {
  distributions: Distribution[];
  groups: GroupScore[];
  confusions: Confusion[];
};

/** The answer: what will happen, and every check that did not pass. */
export type Preflight = {
  ready: boolean;
  checks: Check[];
  rows: RowCounts | null;
  steps: StepCounts | null;
};

/** A training specification as far as it is filled in. */
export type PreflightRequest = {
  spec: Record<string, unknown>;
  resources?: Resources;
};

/** Named settings of one kind; the built-in ones cannot be changed. */
export type Preset = {
  id: string;
  name: string;
  /** Grows with each change; send it as If-Match to PATCH. */
  revision: number;
  created_at: string;
  updated_at: string;
  kind: 'lora' | 'quantization' | 'training' | 'generation';
  description: string;
  config: Record<string, unknown>;
  builtin: boolean;
};

/** Save settings under a name; `config` is checked by the model of its kind. */
export type PresetCreate = {
  name: string;
  kind: 'lora' | 'quantization' | 'training' | 'generation';
  description?: string;
  config?: Record<string, unknown>;
};

/** What people may change about a preset. */
export type PresetPatch = {
  name?: string | null;
  description?: string | null;
  config?: Record<string, unknown> | null;
};

/** The first row, all rows, and what the checks found. */
export type Preview = {
  row: number;
  values: Record<string, unknown>;
  prompt: string;
  completion: string;
  messages: RenderedMessage[];
  tokens: TokenView | null;
  split: string;
  total: number;
  rows: PreviewRow[];
  checks: Check[];
  checked: CheckedSample | null;
};

/** Render rows: those that are named, or random ones. With a model, also as its tokens. */
export type PreviewRequest = {
  dataset: string;
  /** Id or name of a stored prompt, or … */
  prompt?: string | null;
  mode?: 'text' | 'chat' | null;
  prompt_template?: string | null;
  completion_template?: string | null;
  messages?: Message[] | null;
  chat_template?: 'chatml' | 'headings' | null;
  examples?: SolvedExample[] | null;
  task?: 'auto' | 'sql' | 'json' | 'label' | 'short' | 'text' | null;
  split?: string | null;
  /** One row; the same as `rows` with one entry. */
  row?: number | null;
  rows?: number[] | null;
  /** How many random rows, where none are named. */
  n?: number;
  seed?: number | null;
  /** Id or name of a base model: rows are also shown as its tokens. */
  model?: string | null;
  /** The limit of the run; tokens. */
  max_length?: number | null;
  loss_on?: 'completion' | 'all';
  /** Also check the prompt over a sample of rows; needs `model`. */
  checks?: boolean;
};

/**
 * One rendered row. In chat mode `prompt` is what the chat template makes of the messages;
 * without a model it is a plain transcript.
 */
export type PreviewRow = {
  row: number;
  values: Record<string, unknown>;
  prompt: string;
  completion: string;
  messages: RenderedMessage[];
  tokens: TokenView | null;
};

/** Which process, beyond doubt: pids are reused, clocks move, start ticks do not. */
export type ProcessIdentity = {
  host: string;
  boot_id: string;
  pid_namespace: string;
  pid: number;
  start_ticks: number;
};

/** Everything that the doctor has found in one dataset, for one content hash. */
export type Profile = {
  dataset_id: string;
  content_hash: string | null;
  created_at: string;
  job_id: string | null;
  seconds: number;
  rows: number;
  splits: SplitProfile[];
  columns: ColumnProfile[];
  /** Columns by which rows were called the same. */
  compared_by: string[];
  /** What was sampled, estimated or left out, in words. */
  notes: string[];
  /** Warnings first, then by their rows. */
  findings: Finding[];
  tokens: TokenLengths | null;
  /** Arrow file beside it with the rows of all findings. */
  marks_file: string | null;
};

/** Examine a dataset; with a base model and a prompt also how many tokens its rows have. */
export type ProfileRequest = {
  /** Id or name of a base model: its tokenizer. */
  model?: string | null;
  /** Id or name of a prompt: the columns in use. */
  prompt?: string | null;
  /** Tokens; the limit whose consequences are judged. */
  max_length?: number | null;
  /** Look for rows that differ little. */
  near_duplicates?: boolean;
  request_id?: string | null;
};

/** A light job of the type `profile`: examines a dataset. */
export type ProfileSpec = {
  dataset: string;
  model?: string | null;
  prompt?: string | null;
  max_length?: number | null;
  near_duplicates?: boolean;
};

/** `progress.json`: the worker's, at most once a second. */
export type Progress = {
  attempt: number;
  phase: string | null;
  step: number;
  total_steps: number | null;
  /** What `step` counts, where it is not training steps. */
  unit: 'bytes' | 'rows' | null;
  epoch: number | null;
  eta_s: number | null;
  heartbeat: string;
  /** The latest training loss. */
  loss: number | null;
  /** The loss so far, thinned to 32 points at most. */
  sparkline: number[];
};

/** A stored prompt. Jobs keep a copy of the prompt that they ran with. */
export type Prompt = {
  id: string;
  name: string;
  /** Grows with each change; send it as If-Match to PATCH. */
  revision: number;
  created_at: string;
  updated_at: string;
  mode: 'text' | 'chat';
  /** Text mode. Text with {column} placeholders; {?column}…{/column} stands only where the column has a value; write {{ and }} for literal braces. */
  prompt_template: string;
  /** Text mode. Text with {column} placeholders; {?column}…{/column} stands only where the column has a value; write {{ and }} for literal braces. */
  completion_template: string;
  /** Chat mode. The last one is the assistant's. */
  messages: Message[];
  /** Chat mode. The base model's own chat template when absent; a base model without one needs one of these. */
  chat_template: 'chatml' | 'headings' | null;
  /** Solved rows in front of every question. */
  examples: SolvedExample[];
  /** What kind of answers are asked for: decides how comparisons, evaluations and the samples of runs judge them. Auto: by the look of the expected answers. */
  task: 'auto' | 'sql' | 'json' | 'label' | 'short' | 'text';
  dataset_id: string;
};

/** A stored prompt, a draft, or a stored prompt with some fields changed. */
export type PromptChoice = {
  dataset: string;
  /** Id or name of a stored prompt, or … */
  prompt?: string | null;
  mode?: 'text' | 'chat' | null;
  prompt_template?: string | null;
  completion_template?: string | null;
  messages?: Message[] | null;
  chat_template?: 'chatml' | 'headings' | null;
  examples?: SolvedExample[] | null;
  task?: 'auto' | 'sql' | 'json' | 'label' | 'short' | 'text' | null;
};

/**
 * What turns a row into a prompt and its completion.
 *
 * Text mode: two templates. Chat mode: messages, rendered by a chat template; the last message
 * is the assistant's, and is what the model learns to answer.
 */
export type PromptContent = {
  mode: 'text' | 'chat';
  /** Text mode. Text with {column} placeholders; {?column}…{/column} stands only where the column has a value; write {{ and }} for literal braces. */
  prompt_template: string;
  /** Text mode. Text with {column} placeholders; {?column}…{/column} stands only where the column has a value; write {{ and }} for literal braces. */
  completion_template: string;
  /** Chat mode. The last one is the assistant's. */
  messages: Message[];
  /** Chat mode. The base model's own chat template when absent; a base model without one needs one of these. */
  chat_template: 'chatml' | 'headings' | null;
  /** Solved rows in front of every question. */
  examples: SolvedExample[];
  /** What kind of answers are asked for: decides how comparisons, evaluations and the samples of runs judge them. Auto: by the look of the expected answers. */
  task: 'auto' | 'sql' | 'json' | 'label' | 'short' | 'text';
};

/** Save a prompt for a dataset. */
export type PromptCreate = {
  mode?: 'text' | 'chat';
  /** Text mode. Text with {column} placeholders; {?column}…{/column} stands only where the column has a value; write {{ and }} for literal braces. */
  prompt_template?: string;
  /** Text mode. Text with {column} placeholders; {?column}…{/column} stands only where the column has a value; write {{ and }} for literal braces. */
  completion_template?: string;
  /** Chat mode. The last one is the assistant's. */
  messages?: Message[];
  /** Chat mode. The base model's own chat template when absent; a base model without one needs one of these. */
  chat_template?: 'chatml' | 'headings' | null;
  /** Solved rows in front of every question. */
  examples?: SolvedExample[];
  /** What kind of answers are asked for: decides how comparisons, evaluations and the samples of runs judge them. Auto: by the look of the expected answers. */
  task?: 'auto' | 'sql' | 'json' | 'label' | 'short' | 'text';
  name: string;
  /** Id or name of the dataset whose columns are used. */
  dataset: string;
};

/** What people may change about a prompt. */
export type PromptPatch = {
  name?: string | null;
  mode?: 'text' | 'chat' | null;
  prompt_template?: string | null;
  completion_template?: string | null;
  messages?: Message[] | null;
  /** null goes back to the base model's own. */
  chat_template?: 'chatml' | 'headings' | null;
  examples?: SolvedExample[] | null;
  /** What kind of answers are asked for: decides how comparisons, evaluations and the samples of runs judge them. Auto: by the look of the expected answers. */
  task?: 'auto' | 'sql' | 'json' | 'label' | 'short' | 'text' | null;
};

/** The same, as people send it. */
export type PromptTemplates = {
  mode?: 'text' | 'chat';
  /** Text mode. Text with {column} placeholders; {?column}…{/column} stands only where the column has a value; write {{ and }} for literal braces. */
  prompt_template?: string;
  /** Text mode. Text with {column} placeholders; {?column}…{/column} stands only where the column has a value; write {{ and }} for literal braces. */
  completion_template?: string;
  /** Chat mode. The last one is the assistant's. */
  messages?: Message[];
  /** Chat mode. The base model's own chat template when absent; a base model without one needs one of these. */
  chat_template?: 'chatml' | 'headings' | null;
  /** Solved rows in front of every question. */
  examples?: SolvedExample[];
  /** What kind of answers are asked for: decides how comparisons, evaluations and the samples of runs judge them. Auto: by the look of the expected answers. */
  task?: 'auto' | 'sql' | 'json' | 'label' | 'short' | 'text';
};

/** How a quantity is spread; whole numbers for lengths. */
export type Quantiles = {
  min: number;
  p25: number;
  p50: number;
  p75: number;
  p95: number;
  p99: number;
  max: number;
  mean: number;
};

/** 4-bit base weights (QLoRA: Dettmers et al. 2023, arXiv:2305.14314). */
export type QuantizationSettings = {
  quant_type?: 'nf4' | 'fp4';
  /** Quantizes the quantization constants too; saves about 0.4 bits a parameter. */
  double_quant?: boolean;
  advanced?: Record<string, unknown>;
};

/** A question in free text, or as a chat. */
export type Question = {
  text?: string | null;
  messages?: ChatMessage[] | null;
  /** The completion that would be right. */
  expected?: string | null;
  /** The dataset row it comes from; task metrics read their columns here. */
  values?: Record<string, unknown>;
  /** Id or name, where it comes from a row. */
  dataset?: string | null;
  /** Id or name of the prompt that rendered it. */
  prompt?: string | null;
  split?: string | null;
  row?: number | null;
};

/** A format that people publish training data in, and how it is used here. */
export type Recognised = {
  format: 'prompt_completion' | 'alpaca' | 'messages' | 'sharegpt' | 'turns' | 'preference' | 'question_answer';
  /** Its name for people, for example Alpaca. */
  label: string;
  /** What is where, and what becomes of it. */
  message: string;
  /** {role: column}: prompt, completion, instruction, input, chosen … */
  roles: Record<string, string>;
  /** Send this with the import to get columns of text. */
  conversation: Conversation | null;
};

/** Register the adapter of the address. */
export type RegisterRequest = {
  request_id: string;
  model_name?: string | null;
  alias?: string | null;
};

/** Register an adapter: each time a new version of the model. */
export type RegisterSpec = {
  adapter: string;
  /** The adapter's name when absent; made where there is none. */
  model_name?: string | null;
  /** Points to this version from now on, for example champion. */
  alias?: string | null;
};

/** `result/registration.json`, and the data of the job's `result` event. */
export type Registration = {
  model_name: string;
  version: string;
  alias: string | null;
  model_id: string | null;
  run_id: string | null;
  tracking_uri: string;
};

/** Import a dataset's source again, as a new dataset; the old one stays. */
export type ReimportRequest = {
  /** A free name like the old one when absent. */
  name?: string | null;
  request_id?: string | null;
};

/** One turn with the row's values in place. */
export type RenderedMessage = {
  role: 'system' | 'user' | 'assistant';
  content: string;
};

/** `resolved` of a clean job: `dataset` is what it makes, `origin` what it reads. */
export type ResolvedCleaning = {
  dataset: Record<string, unknown>;
  dataset_dir: string;
  origin: Record<string, unknown>;
  origin_dir: string;
  /** Absolute path of the profile's marks. */
  marks: string | null;
};

/** `resolved` in the spec.json of such a job. */
export type ResolvedComparisonLog = {
  comparison: Comparison;
  /** Absolute; where the comparison keeps its link. */
  link_file: string;
  tracking: Tracking;
};

/** `resolved` in the spec.json of an evaluation job: every name looked up once. */
export type ResolvedEvaluation = {
  base_model: BaseModelRecord;
  adapters: Adapter[];
  more_systems: ResolvedSystems[];
  dataset: Dataset;
  /** Absolute folder with the dataset's Arrow files. */
  dataset_dir: string;
  prompt: Prompt;
  scorer_files: ResolvedScorerFile[];
  tracking: Tracking | null;
};

/** `resolved` in the spec.json of an export. */
export type ResolvedExport = {
  adapter: Adapter;
  /** For a merged model. */
  base_model: BaseModelRecord | null;
  /** Absolute; appears whole, as the last act. */
  export_dir: string;
};

/** `resolved` of a profile job. */
export type ResolvedProfile = {
  dataset: Record<string, unknown>;
  dataset_dir: string;
  base_model: Record<string, unknown> | null;
  prompt: Record<string, unknown> | null;
};

/** `resolved` in the spec.json of a registration. */
export type ResolvedRegistration = {
  adapter: Adapter;
  tracking: Tracking;
};

/** A scorer file as the job runs it: the text that was agreed to. */
export type ResolvedScorerFile = {
  path: string;
  sha256: string;
  text: string;
};

/** A base model and its adapters, looked up. */
export type ResolvedSystems = {
  base_model: BaseModelRecord;
  adapters: Adapter[];
};

/**
 * `resolved` in the spec.json of a training job: every name looked up once, so that the
 * worker needs neither the store nor the server.
 */
export type ResolvedTraining = {
  base_model: BaseModelRecord;
  dataset: Dataset;
  /** Absolute folder with the dataset's Arrow files. */
  dataset_dir: string;
  prompt: Prompt;
  adapter_id: string;
  /** Absolute; reserved at submission. */
  adapter_dir: string;
  /** Absolute. */
  output_dir: string | null;
  tracking: Tracking;
};

/** What a job runs on. */
export type Resources = {
  /** `auto`, `cpu`, or a GPU's UUID. */
  device?: string;
  /** Interpreter; the server's setting when absent. */
  python?: string | null;
  /** For servers whose jobs run under Slurm; refused by others. */
  slurm?: SlurmResources | null;
};

/** Rows of each part, and which of the dataset's splits they come from. */
export type RowCounts = {
  train: number;
  validation: number;
  test: number;
  train_split: string | null;
  validation_split: string | null;
  test_split: string | null;
};

/** One row of one split, and the beginning of what it says. */
export type RowRef = {
  split: string;
  row: number;
  text: string;
  /** The row that it repeats, … */
  same_as: number | null;
  /** … and the split of that row. */
  same_as_split: string | null;
};

/**
 * Rows `offset … offset + len(rows)` of one split, each as a JSON object. Of a search, the
 * hits with these numbers: `total` counts the hits found so far, all of them when `complete`.
 */
export type RowsPage = {
  split: string;
  offset: number;
  total: number;
  rows: Record<string, unknown>[];
  /** Each row's place in the split, counted from 0. */
  indices: number[];
  /** Where the next page begins; null at the end. */
  next_offset: number | null;
  /** False: the search took its time; ask for the next page to go on. */
  complete: boolean;
  /** Rows of the split that were searched so far. */
  searched: number | null;
};

/** Questions from the rows of a dataset. */
export type RowsQuestion = {
  /** Id or name. */
  dataset: string;
  /** Id or name; that of the first adapter when absent. */
  prompt?: string | null;
  /** When absent: the test rows that the adapters' training set aside. */
  split?: string | null;
  /** Chosen rows, counted from 0 … */
  rows?: number[] | null;
  /** … or so many, drawn at random. */
  count?: number;
  seed?: number;
};

/** How one system did on one split, or on all rows (`all`). */
export type Score = {
  system: string;
  label: string;
  adapter_id: string | null;
  shots: number;
  split: string;
  rows: number;
  metrics: Record<string, Estimate>;
  new_tokens: number;
  /** Spent generating. */
  seconds: number;
};

/** A line of `result/rows.jsonl`: one answer, judged. */
export type ScoredRow = {
  system: string;
  split: string;
  row: number;
  /** What the model wrote, special tokens aside. */
  text: string;
  /** What was judged: code fences and text around it stripped. */
  answer: string;
  /** By metric; null where the row cannot be judged by it. */
  scores: Record<string, number | null>;
  /** By scorer: why the answer is wrong, in words. */
  notes: Record<string, string>;
  /** By metric: what metrics of all rows together are computed from. */
  stats: Record<string, number[]>;
  /** Expected and given label. */
  labels: string[] | null;
  stopped: boolean;
  new_tokens: number;
  /** Its share of its batch's time. */
  seconds: number;
  /** Spent judging it. */
  scoring_s: number;
};

/**
 * A Python file with scorers of one's own. Naming its content's hash is the consent to run
 * it: a file that has changed since is refused.
 */
export type ScorerFile = {
  /** Below the server's root directory. */
  path: string;
  /** Of the content agreed to. */
  sha256: string;
};

/** A scorer file to be read before one agrees to it. */
export type ScorerFileView = {
  path: string;
  sha256: string;
  size_bytes: number;
  text: string;
};

/** A scorer as the form lists it. */
export type ScorerInfo = {
  name: string;
  title: string;
  description: string;
  metrics: MetricInfo[];
  source: 'built in' | 'installed' | 'file';
  /** Used when `scorers` is absent. */
  suggested: boolean;
  /** Why it is suggested, or why it is not. */
  reason: string | null;
  available: boolean;
  /** What is missing, and the remedy. */
  problem: string | null;
  /** Fields of the specification that it reads. */
  fields: string[];
};

/** All scorers, with the ones that fit the data marked. */
export type ScorerList = {
  items: ScorerInfo[];
  /** The metric of the verdict when none is chosen. */
  primary_metric: string;
};

/** What one job asks of Slurm; the operator's setting holds where a field is absent. */
export type SlurmResources = {
  /** Partition, or several with commas. */
  partition?: string | null;
  /** Generic resources, as Slurm writes them. */
  gres?: string | null;
  /** Time limit. Before it is reached the job saves, and Slurm starts it again. */
  time_minutes?: number | null;
  /** Memory of each node. */
  memory_mb?: number | null;
  /** Processor cores. */
  cpus?: number | null;
  /** Nodes to reserve. Training uses the first; a script of your own may use all. */
  nodes?: number | null;
};

/**
 * A solved row in front of the question: where it comes from, and its values. Neither
 * training nor evaluation asks that row.
 */
export type SolvedExample = {
  split: string;
  row: number;
  values: Record<string, unknown>;
};

/** A file of the source as it was when it was imported. */
export type SourceFile = {
  /** As the file browser shows it. */
  path: string;
  size: number;
  modified_ns: number;
  /** Absent for large files. */
  sha256: string | null;
};

/** A named part of a dataset, as one Arrow stream file. */
export type Split = {
  name: string;
  rows: number;
  /** Name of the Arrow file inside the dataset's folder. */
  file: string;
  bytes: number;
};

/** One split. */
export type SplitProfile = {
  name: string;
  rows: number;
  bytes: number;
};

/** Judge SQL by what it returns: both answers run in an SQLite database in memory. */
export type SqlExecution = {
  /** Column with the CREATE TABLE (and INSERT) statements of a row. */
  schema_column?: string;
  /** Column with further INSERT statements, where the schema column has none. */
  rows_column?: string | null;
  time_limit_s?: number;
};

/** `state.json`: lifecycle only; replaced atomically. */
export type StateFile = {
  state: 'queued' | 'held' | 'starting' | 'running' | 'stopping' | 'succeeded' | 'failed' | 'stopped' | 'lost';
  /** Why it is in this state, in words. */
  reason: string | null;
  attempt: number;
  error: ErrorInfo | null;
  created_at: string;
  /** Its place in the queue; a resume renews it. */
  queued_at: string | null;
  started_at: string | null;
  finished_at: string | null;
  updated_at: string;
  /** In a row without a new whole checkpoint. */
  automatic_resumes: number;
  /** Where the last one began. */
  automatic_resume_step: number | null;
  /** The engine (`slurm`) in whose own queue it waits or runs. */
  engine: string | null;
};

/** The answer of `GET status`. */
export type Status = {
  version: string;
  protocol: number;
  /** Absolute path. */
  workspace: string;
  /** Relative to the server's root, for the file browser. */
  workspace_path: string;
  /** Folder for uploads, relative to the server's root; the browser makes it. */
  uploads_path: string;
  read_only: boolean;
  /** Why nothing can be saved. */
  read_only_reason: string | null;
  /** What happened to the store, for example that it was recovered. */
  notices: ErrorInfo[];
  devices: Device[];
  disk_free_bytes: number;
  disk_total_bytes: number;
  hub_token: 'absent' | 'present';
  interpreter: Interpreter | null;
  survival: Survival;
  /** `slurm` where heavy jobs run on a cluster; null on this machine. */
  engine: string | null;
  /** A disk is nearly full. */
  warnings: ErrorInfo[];
  running_jobs: number;
  queued_jobs: number;
  tracking_uri: string;
};

/**
 * How the run is cut into optimizer steps (an upper bound: rows that turn out longer than
 * `max_length` are left out).
 */
export type StepCounts = {
  steps_per_epoch: number;
  total_steps: number;
  epochs: number;
  effective_batch_size: number;
  per_device_batch_size: number;
  accumulation_steps: number;
};

/** End the process of a base model; of all of them when absent. */
export type StopInferenceRequest = {
  base_model?: string | null;
};

/** Stop with a checkpoint to resume from, or at once. */
export type StopRequest = {
  save?: boolean;
};

/**
 * The answer of `GET storage`: sums over everything, and one page of the items, largest
 * first.
 */
export type Storage = {
  scanned_at: string;
  size_bytes: number;
  cleanable_bytes: number;
  /** What the operator allows, if anything. */
  quota_bytes: number | null;
  /** Largest first; kinds of which there are none are left out. */
  groups: StorageGroup[];
  disks: StorageDisk[];
  /** A disk or the quota is nearly full. */
  warnings: ErrorInfo[];
  items: StorageItem[];
  /** Items that match, on all pages. */
  total: number;
};

/** Clean some items; each must say that it is cleanable. */
export type StorageClean = {
  /** Their ids. */
  items: string[];
};

/** What a clean-up has done. */
export type StorageCleaned = {
  items: string[];
  freed_bytes: number;
};

/** A disk that the workspace or a cache lies on. */
export type StorageDisk = {
  /** The folder on it that was asked about. */
  path: string;
  holds: ('workspace' | 'model_cache' | 'dataset_cache')[];
  total_bytes: number;
  free_bytes: number;
};

/** All items of a kind. */
export type StorageGroup = {
  kind: 'job' | 'adapter' | 'dataset' | 'export' | 'upload' | 'tracking' | 'model_cache' | 'dataset_cache' | 'cache' | 'leftover' | 'other';
  count: number;
  size_bytes: number;
  cleanable_bytes: number;
};

/** A folder or file, and what a clean-up of it would give back. */
export type StorageItem = {
  /** For `storage/clean`; it names the same thing in the next answer. */
  id: string;
  kind: 'job' | 'adapter' | 'dataset' | 'export' | 'upload' | 'tracking' | 'model_cache' | 'dataset_cache' | 'cache' | 'leftover' | 'other';
  name: string;
  /** Absolute. */
  path: string;
  size_bytes: number;
  /** Id of the job, adapter or dataset it is. */
  object_id: string | null;
  /** When something last wrote into it. */
  modified_at: string | null;
  used_by: StorageUse[];
  /** What a clean-up gives back; 0 where there is none. */
  cleanable_bytes: number;
  /** What a clean-up removes, and what that means. */
  cleans: string | null;
  /** Why there is nothing to clean, in words. */
  kept: string | null;
};

/** What needs an item. */
export type StorageUse = {
  kind: 'job' | 'adapter' | 'base_model' | 'dataset';
  id: string;
  name: string;
};

/** `include_usage`: a last piece with the numbers of tokens. */
export type StreamOptions = {
  include_usage: boolean;
};

/** Ask for templates that fit a dataset. */
export type SuggestRequest = {
  dataset: string;
};

/** Proposed templates, with the reason for each choice in words. */
export type Suggestion = {
  prompt_template: string;
  completion_template: string;
  input_columns: string[];
  output_column: string;
  ignored_columns: string[];
  reasons: string[];
  /** `chat` where the data are conversations. */
  mode: 'text' | 'chat';
  /** For chat mode; the templates stay usable. */
  messages: Message[];
  /** The format that people publish such data in, if it is one. */
  recognised: Recognised | null;
  /** Where the sampled answers leave no doubt. */
  task: 'auto' | 'sql' | 'json' | 'label' | 'short' | 'text';
};

/** What a running job outlives here, read from the environment. */
export type Survival = {
  server_restart: boolean;
  container: boolean;
  host: boolean;
  /** Whether its folder outlives the container. */
  workspace: boolean;
  summary: string;
};

/** Somebody who answered: a base model after so many examples, or an adapter. */
export type SystemInfo = {
  key: string;
  label: string;
  base_model: string;
  adapter: string | null;
  adapter_id: string | null;
  shots: number;
};

/** How answers are judged besides their text. */
export type TaskMetric = {
  /** Auto: by the look of the expected answer and of the row. */
  kind?: 'auto' | 'none' | 'sql' | 'json' | 'label';
  /** Where the row holds its database; found by itself when absent. */
  sql?: SqlExecution | null;
};

/** The task's own verdict; `passed` is absent where it cannot be judged. */
export type TaskScore = {
  kind: 'auto' | 'none' | 'sql' | 'json' | 'label';
  passed: boolean | null;
  message: string | null;
};

/** Seconds in all attempts, by what they were spent on; loading is not among them. */
export type Timing = {
  generation: number;
  scoring: number;
  statistics: number;
  logging: number;
};

/**
 * One token. The texts joined are what the model reads (some tokenizers put a space in
 * front); a character that is made of several tokens stands with the first of them.
 */
export type Token = {
  id: number;
  text: string;
  kind: 'prompt' | 'completion' | 'end';
  /** Whether the loss counts how well it is predicted. */
  learned: boolean;
  /** bos, eos, pad, unk; `special` for others, such as <|im_start|>. */
  special: string | null;
};

/** Tokens of whole rows: prompt, completion and end, as training reads them. */
export type TokenLengths = {
  model: string;
  model_id: string;
  prompt: string;
  prompt_id: string;
  /** Rows that were counted. */
  rows: number;
  /** Whether they were drawn at random out of more. */
  is_sample: boolean;
  tokens: Quantiles;
  histogram: Histogram;
  limits: LimitShare[];
  context_length: number | null;
  /** The limit that was asked about. */
  max_length: number | null;
  proposed_max_length: number;
};

/** A row exactly as training reads it. */
export type TokenView = {
  tokens: Token[];
  prompt_tokens: number;
  /** With the end. */
  completion_tokens: number;
  learned_tokens: number;
  /** Tokens in the middle of a very long row that are counted but not listed. */
  omitted: number;
  /** Position of the first of them. */
  omitted_at: number | null;
  /** The run's limit, or the model's context. */
  max_length: number | null;
  /** Position of the first token over the limit; absent when all fit. */
  limit_at: number | null;
  /** What training does with it. Rows are left out whole, never cut. */
  outcome: 'used' | 'too_long' | 'nothing_to_learn';
};

/** Where the run's numbers go in MLflow. */
export type Tracking = {
  tracking_uri: string;
  experiment: string;
  artifact_location: string | null;
};

/** A training run as people ask for it. Ids or unique names stand for objects. */
export type TrainSpec = {
  /** Names the run and its adapter; also the adapter's folder. */
  name: string;
  base_model: string;
  dataset: string;
  prompt: string;
  /** QLoRA keeps the base model in 4 bits; LoRA in 16 bits. */
  method?: 'qlora' | 'lora';
  /** Longer examples are left out and counted, never cut in silence. */
  max_length?: number;
  /** Examples per optimizer step; split by accumulation where memory asks for it. */
  effective_batch_size?: number;
  /** Derived when absent; must divide the effective batch size. */
  per_device_batch_size?: number | null;
  epochs?: number;
  /** Ends the run after this many optimizer steps; overrides epochs. */
  max_steps?: number | null;
  /** 1e-4 to 1e-3 is usual for adapters; 2e-4 is a good start. */
  learning_rate?: number;
  /** Completion: the loss counts the answer only. All: the prompt too. */
  loss_on?: 'completion' | 'all';
  /** Less memory for about 1.4 times the computation. */
  gradient_checkpointing?: boolean;
  /** Tries the longest batch before the first step, so that running out of memory shows within seconds. Changes nothing about the result. */
  probe?: boolean;
  seed?: number;
  log_every_steps?: number;
  /** A folder below the server's root that also gets a copy of the adapter. */
  output_dir?: string | null;
  data?: DataSettings;
  evaluation?: EvaluationSettings;
  checkpoints?: CheckpointSettings;
  lora?: LoraSettings;
  quantization?: QuantizationSettings;
  optimizer?: OptimizerSettings;
};

/** `user.json`: what people may change; written under the queue lock. */
export type UserSettings = {
  name: string;
  priority: number;
  hold: boolean;
};

/** A value, as text, and its rows. */
export type ValueCount = {
  value: string | null;
  count: number;
};

/** The better answer to a question; no column: none was better. */
export type Vote = {
  row: number;
  setting?: number;
  column?: number | null;
  /** Columns in the order in which they were shown. */
  shown?: number[];
  /** Names were hidden. */
  blind?: boolean;
  at?: string;
};

/** Load a base model ahead of the first question. */
export type WarmRequest = {
  base_model: string;
  adapters?: string[];
  precision?: 'auto' | '4-bit' | '8-bit' | '16-bit' | '32-bit';
};
