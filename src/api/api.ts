import type { ApiClient, IRequestOptions, Query } from './client';
import { CodeRoutes } from './code';
import { Hub } from './hub';
import type {
  Adapter,
  AdapterCreate,
  AdapterPatch,
  AnswerDelta,
  AnswerDone,
  AnswerStarted,
  ApplyRequest,
  BaseModelCreate,
  BaseModelPatch,
  BaseModelRecord,
  CompareError,
  CompareExample,
  CompareNotice,
  CompareRequest,
  Comparison,
  ComparisonEnd,
  ComparisonOpened,
  ComparisonPatch,
  ComparisonSummary,
  Dataset,
  DatasetCreate,
  DatasetPatch,
  DatasetProfile,
  Evaluation,
  EvaluationAgainst,
  EvaluationRowsPage,
  EvaluationSummary,
  EventsPage,
  ExampleRequest,
  ExportRequest,
  InferenceStatus,
  Interpreter,
  Job,
  JobCreate,
  JobDetail,
  JobPatch,
  LogComparisonRequest,
  LogPage,
  MemoryAnswer,
  MlflowLink,
  Page,
  Peek,
  PeekRequest,
  PreflightRequest,
  Preset,
  PresetCreate,
  PresetPatch,
  Preview,
  PreviewRequest,
  ProfileRequest,
  Prompt,
  PromptCreate,
  PromptPatch,
  RegisterRequest,
  ReimportRequest,
  RowsPage,
  ScorerFileView,
  ScorerList,
  Status,
  StopRequest,
  Suggestion,
  WarmRequest
} from './types';

/** A window on a list, and a search in it. */
export interface IListQuery extends Query {
  q?: string;
  limit?: number;
  offset?: number;
}

/** The verbs that every collection has. */
export class Collection<T, Create, Patch> {
  constructor(
    protected client: ApiClient,
    protected path: string
  ) {}

  list(query: IListQuery = {}, options?: IRequestOptions): Promise<Page<T>> {
    return this.client.request('GET', this.path, { ...options, query });
  }

  get(id: string, options?: IRequestOptions): Promise<T> {
    return this.client.request('GET', this.at(id), options);
  }

  create(body: Create): Promise<T> {
    return this.client.request('POST', this.path, { body });
  }

  update(id: string, body: Patch, revision?: number): Promise<T> {
    return this.client.request('PATCH', this.at(id), { body, revision });
  }

  /** Fails with a conflict that lists what depends on it, unless `cascade`. */
  remove(id: string, cascade = false): Promise<null> {
    const query = cascade ? { cascade: true } : {};
    return this.client.request('DELETE', this.at(id), { query });
  }

  protected at(id: string, tail = ''): string {
    return `${this.path}/${encodeURIComponent(id)}${tail}`;
  }
}

class Datasets extends Collection<Dataset, DatasetCreate, DatasetPatch> {
  /** Rows of one split; with `q`, those of them that have this text in some column. */
  rows(
    id: string,
    query: { split?: string; q?: string; offset?: number; limit?: number },
    options?: IRequestOptions
  ): Promise<RowsPage> {
    return this.client.request('GET', this.at(id, '/rows'), {
      ...options,
      query
    });
  }

  /** Look into files before they are imported. */
  peek(body: PeekRequest, options?: IRequestOptions): Promise<Peek> {
    return this.client.request('POST', `${this.path}/peek`, {
      ...options,
      body
    });
  }

  /** What the doctor found, and the job that examines the dataset again. */
  profile(id: string, options?: IRequestOptions): Promise<DatasetProfile> {
    return this.client.request('GET', this.at(id, '/profile'), options);
  }

  examine(id: string, body: ProfileRequest): Promise<JobDetail> {
    return this.client.request('POST', this.at(id, '/profile'), { body });
  }

  /** A cleaned copy, made by the remedies of findings. */
  apply(id: string, body: ApplyRequest): Promise<Dataset> {
    return this.client.request('POST', this.at(id, '/apply'), { body });
  }

  /** Import the source again, as a new dataset. */
  reimport(id: string, body: ReimportRequest): Promise<Dataset> {
    return this.client.request('POST', this.at(id, '/reimport'), { body });
  }
}

class Adapters extends Collection<Adapter, AdapterCreate, AdapterPatch> {
  /** Address of the adapter's folder as a zip archive. */
  downloadUrl(id: string): string {
    return this.client.download(this.at(id, '/download'));
  }

  /** The job that exports it into a folder of the workspace. */
  export(id: string, body: Partial<ExportRequest>): Promise<JobDetail> {
    return this.client.request('POST', this.at(id, '/export'), { body });
  }

  /** The job that makes it a version of a registered model in MLflow. */
  register(id: string, body: Partial<RegisterRequest>): Promise<JobDetail> {
    return this.client.request('POST', this.at(id, '/register'), { body });
  }
}

class Prompts extends Collection<Prompt, PromptCreate, PromptPatch> {
  suggest(dataset: string): Promise<Suggestion> {
    return this.client.request('POST', `${this.path}/suggest`, {
      body: { dataset }
    });
  }

  preview(body: PreviewRequest, options?: IRequestOptions): Promise<Preview> {
    return this.client.request('POST', `${this.path}/preview`, {
      ...options,
      body
    });
  }
}

class Jobs extends Collection<Job, JobCreate, JobPatch> {
  override get(id: string, options?: IRequestOptions): Promise<JobDetail> {
    return this.client.request('GET', this.at(id), options);
  }

  stop(id: string, body: StopRequest): Promise<Job> {
    return this.client.request('POST', this.at(id, '/stop'), { body });
  }

  /** Where MLflow shows its run; refused while it has none. */
  mlflow(id: string): Promise<MlflowLink> {
    return this.client.request('GET', this.at(id, '/mlflow'));
  }

  resume(id: string): Promise<Job> {
    return this.client.request('POST', this.at(id, '/resume'), { body: {} });
  }

  events(
    id: string,
    query: { after?: number; limit?: number },
    options?: IRequestOptions
  ): Promise<EventsPage> {
    return this.client.request('GET', this.at(id, '/events'), {
      ...options,
      query
    });
  }

  log(
    id: string,
    query: { after?: number; tail?: number },
    options?: IRequestOptions
  ): Promise<LogPage> {
    return this.client.request('GET', this.at(id, '/log'), {
      ...options,
      query
    });
  }
}

/** A line of the answer to `POST comparisons`. */
export type CompareLine =
  | ComparisonOpened
  | AnswerStarted
  | AnswerDelta
  | AnswerDone
  | CompareNotice
  | CompareError
  | ComparisonEnd;

class Comparisons extends Collection<
  ComparisonSummary,
  never,
  ComparisonPatch
> {
  override get(id: string, options?: IRequestOptions): Promise<Comparison> {
    return this.client.request('GET', this.at(id), options);
  }

  /** Ask, and hand on every line of the answers as it comes; aborting cancels. */
  ask(
    body: CompareRequest,
    take: (line: CompareLine) => void,
    signal?: AbortSignal
  ): Promise<void> {
    return this.client.stream('POST', this.path, take, { body, signal });
  }

  cancel(id: string): Promise<null> {
    return this.client.request('POST', this.at(id, '/cancel'), { body: {} });
  }

  /** A dataset row as a question; a random unseen one when none is named. */
  example(body: ExampleRequest): Promise<CompareExample> {
    return this.client.request('POST', `${this.path}/example`, { body });
  }

  /** A light job that logs the comparison as it is now. */
  logToMlflow(id: string, body: LogComparisonRequest): Promise<JobDetail> {
    return this.client.request('POST', this.at(id, '/mlflow'), { body });
  }

  /** Address of the comparison as a file. */
  exportUrl(id: string, format: 'csv' | 'json'): string {
    return this.client.download(this.at(id, '/export'), { format });
  }
}

/** Which rows of an evaluation, judged by what, in which order. */
export interface IEvaluationRowsQuery extends Query {
  q?: string;
  metric?: string;
  system?: string;
  baseline?: string;
  outcome?: 'win' | 'loss' | 'tie' | null;
  split?: string | null;
  sort?: 'row' | 'score' | 'difference' | 'length';
  descending?: boolean;
  limit?: number;
  offset?: number;
}

class Evaluations extends Collection<EvaluationSummary, never, never> {
  override get(id: string, options?: IRequestOptions): Promise<Evaluation> {
    return this.client.request('GET', this.at(id), options);
  }

  rows(
    id: string,
    query: IEvaluationRowsQuery,
    options?: IRequestOptions
  ): Promise<EvaluationRowsPage> {
    return this.client.request('GET', this.at(id, '/rows'), {
      ...options,
      query
    });
  }

  /** Systems of other evaluations against one of this, on the rows that both were asked. */
  against(
    id: string,
    others: string[],
    query: { metric?: string; system?: string }
  ): Promise<EvaluationAgainst> {
    return this.client.request('GET', this.at(id, '/against'), {
      query: { ...query, others: others.join(',') },
      background: true
    });
  }

  /** Address of the evaluation as a file. */
  reportUrl(id: string, format: 'md' | 'csv' | 'json'): string {
    return this.client.download(this.at(id, '/report'), { format });
  }

  /** A Python file with scorers, to be read before agreeing to run it. */
  scorerFile(file: string): Promise<ScorerFileView> {
    const query = { file };
    return this.client.request('GET', `${this.path}/scorer-file`, { query });
  }

  /** What can be measured, with what fits the data marked. */
  scorers(query: { dataset?: string; prompt?: string }): Promise<ScorerList> {
    return this.client.request('GET', `${this.path}/scorers`, { query });
  }
}

/** A JSON Schema, as `schemas/{name}` answers it. */
export type JsonSchema = Record<string, unknown>;

/** Every route of the server half, typed from its own vocabulary. */
export class StudioApi {
  readonly datasets: Datasets;
  readonly hub: Hub;
  readonly code: CodeRoutes;
  readonly models: Collection<BaseModelRecord, BaseModelCreate, BaseModelPatch>;
  readonly adapters: Adapters;
  readonly prompts: Prompts;
  readonly presets: Collection<Preset, PresetCreate, PresetPatch>;
  readonly jobs: Jobs;
  readonly comparisons: Comparisons;
  readonly evaluations: Evaluations;

  constructor(readonly client: ApiClient) {
    this.datasets = new Datasets(client, 'datasets');
    this.hub = new Hub(client);
    this.code = new CodeRoutes(client);
    this.models = new Collection(client, 'models');
    this.adapters = new Adapters(client, 'adapters');
    this.prompts = new Prompts(client, 'prompts');
    this.presets = new Collection(client, 'presets');
    this.jobs = new Jobs(client, 'jobs');
    this.comparisons = new Comparisons(client, 'comparisons');
    this.evaluations = new Evaluations(client, 'evaluations');
  }

  status(options?: IRequestOptions): Promise<Status> {
    return this.client.request('GET', 'status', options);
  }

  /** The Pythons that jobs can run in, the server's own first. */
  interpreters(options?: IRequestOptions): Promise<Page<Interpreter>> {
    return this.client.request('GET', 'interpreters', options);
  }

  /** Load a base model for inference ahead of the first question. */
  warm(body: WarmRequest): Promise<InferenceStatus> {
    return this.client.request('POST', 'inference/warm', { body });
  }

  /** JSON Schema with UI hints of a form, for example `TrainSpec`. */
  schema(name: string): Promise<JsonSchema> {
    return this.client.request('GET', `schemas/${encodeURIComponent(name)}`);
  }

  /** What a training run takes of the memory of each device, part by part. */
  memory(
    body: PreflightRequest,
    options?: IRequestOptions
  ): Promise<MemoryAnswer> {
    return this.client.request('POST', 'training/memory', { ...options, body });
  }

  /** The checks that a training run passes before it is submitted. */
  preflight<T>(body: unknown, options?: IRequestOptions): Promise<T> {
    return this.client.request('POST', 'training/preflight', {
      ...options,
      body
    });
  }
}
