import type { ApiClient, IRequestOptions, Query } from './client';
import type {
  HubDatasetInfo,
  HubDatasetPage,
  HubModelInfo,
  HubModelPage,
  HubToken
} from './types';

/** What the Hugging Face hub has, and the token that the server shows it. */
export class Hub {
  constructor(private client: ApiClient) {}

  datasets(q: string, options?: IRequestOptions): Promise<HubDatasetPage> {
    return this.ask('hub/datasets', { q }, options);
  }

  dataset(
    id: string,
    revision?: string,
    options?: IRequestOptions
  ): Promise<HubDatasetInfo> {
    return this.ask(`hub/datasets/${id}`, { revision }, options);
  }

  models(q: string, options?: IRequestOptions): Promise<HubModelPage> {
    return this.ask('hub/models', { q }, options);
  }

  model(
    id: string,
    revision?: string,
    options?: IRequestOptions
  ): Promise<HubModelInfo> {
    return this.ask(`hub/models/${id}`, { revision }, options);
  }

  /** The token's state; `test` asks the hub whether it is good. */
  token(test = false): Promise<HubToken> {
    return this.ask('hub/token', test ? { test } : {});
  }

  /** Test a token, and keep it if it is good. */
  setToken(token: string): Promise<HubToken> {
    return this.client.request('PUT', 'hub/token', { body: { token } });
  }

  forgetToken(): Promise<HubToken | null> {
    return this.client.request('DELETE', 'hub/token');
  }

  private ask<T>(
    path: string,
    query: Query,
    options?: IRequestOptions
  ): Promise<T> {
    return this.client.request('GET', path, { ...options, query });
  }
}
