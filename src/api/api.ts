import type { ApiClient, IRequestOptions, Query } from './client';
import type {
  Adapter,
  AdapterCreate,
  AdapterPatch,
  BaseModelCreate,
  BaseModelPatch,
  BaseModelRecord,
  Dataset,
  DatasetCreate,
  DatasetPatch,
  EventsPage,
  Interpreter,
  Job,
  JobCreate,
  JobDetail,
  JobPatch,
  LogPage,
  Page,
  Preset,
  PresetCreate,
  PresetPatch,
  Preview,
  PreviewRequest,
  Prompt,
  PromptCreate,
  PromptPatch,
  RowsPage,
  Status,
  StopRequest,
  Suggestion
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
  rows(
    id: string,
    query: { split?: string; offset?: number; limit?: number },
    options?: IRequestOptions
  ): Promise<RowsPage> {
    return this.client.request('GET', this.at(id, '/rows'), {
      ...options,
      query
    });
  }
}

class Adapters extends Collection<Adapter, AdapterCreate, AdapterPatch> {
  /** Address of the adapter's folder as a zip archive. */
  downloadUrl(id: string): string {
    const { appendToken, token } = this.client.settings;
    const query = appendToken && token ? { token } : {};
    return this.client.url(this.at(id, '/download'), query);
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

/** A JSON Schema, as `schemas/{name}` answers it. */
export type JsonSchema = Record<string, unknown>;

/** Every route of the server half, typed from its own vocabulary. */
export class StudioApi {
  readonly datasets: Datasets;
  readonly models: Collection<BaseModelRecord, BaseModelCreate, BaseModelPatch>;
  readonly adapters: Adapters;
  readonly prompts: Prompts;
  readonly presets: Collection<Preset, PresetCreate, PresetPatch>;
  readonly jobs: Jobs;

  constructor(readonly client: ApiClient) {
    this.datasets = new Datasets(client, 'datasets');
    this.models = new Collection(client, 'models');
    this.adapters = new Adapters(client, 'adapters');
    this.prompts = new Prompts(client, 'prompts');
    this.presets = new Collection(client, 'presets');
    this.jobs = new Jobs(client, 'jobs');
  }

  status(options?: IRequestOptions): Promise<Status> {
    return this.client.request('GET', 'status', options);
  }

  /** The Pythons that jobs can run in, the server's own first. */
  interpreters(options?: IRequestOptions): Promise<Page<Interpreter>> {
    return this.client.request('GET', 'interpreters', options);
  }

  /** JSON Schema with UI hints of a form, for example `TrainSpec`. */
  schema(name: string): Promise<JsonSchema> {
    return this.client.request('GET', `schemas/${encodeURIComponent(name)}`);
  }

  /** The checks that a training run passes before it is submitted. */
  preflight<T>(body: unknown, options?: IRequestOptions): Promise<T> {
    return this.client.request('POST', 'training/preflight', {
      ...options,
      body
    });
  }
}
