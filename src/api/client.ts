import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import { readLines } from './lines';
import type { ErrorInfo } from './types';

/** Values that can stand in a query; absent ones are left out. */
export type Query = Record<
  string,
  string | number | boolean | null | undefined
>;

/** What one request may carry. */
export interface IRequestOptions {
  query?: Query;
  body?: unknown;
  /** The revision that a PATCH is based on. */
  revision?: number;
  signal?: AbortSignal;
  /** True for polls: they must not keep an idle server alive. */
  background?: boolean;
}

/** A failure in words: what happened, at which field, and what to do. */
export class ApiError extends Error {
  constructor(
    readonly info: ErrorInfo,
    readonly status: number
  ) {
    super(info.message);
    this.name = 'ApiError';
  }

  get code(): string {
    return this.info.code;
  }

  get field(): string | null {
    return this.info.field;
  }

  get remedy(): string | null {
    return this.info.remedy;
  }

  /** Any thrown value as an ApiError. */
  static from(reason: unknown): ApiError {
    if (reason instanceof ApiError) {
      return reason;
    }
    const message = reason instanceof Error ? reason.message : String(reason);
    return new ApiError(
      { code: 'error', message, field: null, remedy: null },
      0
    );
  }
}

const NAMESPACE = 'ftstudio/api';

/** The one place that speaks HTTP with the studio's server half. */
export class ApiClient {
  constructor(readonly settings: ServerConnection.ISettings) {}

  /** Address of a route, for links and downloads. */
  url(path: string, query: Query = {}): string {
    const address = URLExt.join(this.settings.baseUrl, NAMESPACE, path);
    const search = toSearch(query);
    return search ? `${address}?${search}` : address;
  }

  /** Address of a file to download: a link carries no headers, so the token is in it. */
  download(path: string, query: Query = {}): string {
    const { appendToken, token } = this.settings;
    return this.url(path, appendToken && token ? { ...query, token } : query);
  }

  /** One request; answers the parsed JSON, or throws an ApiError. */
  async request<T>(
    method: string,
    path: string,
    options: IRequestOptions = {}
  ): Promise<T> {
    const query: Query = { ...options.query };
    if (options.background) {
      query.no_track_activity = 1;
    }
    const response = await this.send(
      this.url(path, query),
      this.init(method, options)
    );
    const text = await response.text();
    if (!response.ok) {
      throw toError(response, text);
    }
    return (text ? JSON.parse(text) : null) as T;
  }

  /** One request whose answer is JSON line by line; each line is handed on as it comes. */
  async stream<T>(
    method: string,
    path: string,
    take: (line: T) => void,
    options: IRequestOptions = {}
  ): Promise<void> {
    const response = await this.send(
      this.url(path, options.query),
      this.init(method, options)
    );
    if (!response.ok || !response.body) {
      throw toError(response, await response.text());
    }
    try {
      await readLines(response.body, take);
    } catch (reason) {
      throw options.signal?.aborted ? reason : brokenOff();
    }
  }

  private init(method: string, options: IRequestOptions): RequestInit {
    const headers: Record<string, string> = {};
    if (options.body !== undefined) {
      headers['Content-Type'] = 'application/json';
    }
    if (options.revision !== undefined) {
      headers['If-Match'] = String(options.revision);
    }
    return {
      method,
      headers,
      signal: options.signal,
      body:
        options.body === undefined ? undefined : JSON.stringify(options.body)
    };
  }

  private async send(url: string, init: RequestInit): Promise<Response> {
    try {
      return await ServerConnection.makeRequest(url, init, this.settings);
    } catch (reason) {
      if (init.signal?.aborted) {
        throw reason;
      }
      throw new ApiError(
        {
          code: 'unreachable',
          message: 'The Jupyter server does not answer.',
          field: null,
          remedy:
            'Check that it still runs. Training goes on without it, and its numbers appear here once it is back.'
        },
        0
      );
    }
  }
}

function brokenOff(): ApiError {
  return new ApiError(
    {
      code: 'broken_off',
      message: 'The answer of the Jupyter server broke off.',
      field: null,
      remedy: 'Check that the server still runs, then try again.'
    },
    0
  );
}

function toSearch(query: Query): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '') {
      search.set(key, String(value));
    }
  }
  return search.toString();
}

function isErrorInfo(value: unknown): value is ErrorInfo {
  return (
    typeof value === 'object' &&
    value !== null &&
    'code' in value &&
    'message' in value
  );
}

function toError(response: Response, text: string): ApiError {
  let info: unknown;
  try {
    info = (JSON.parse(text) as { error?: unknown }).error;
  } catch {
    info = undefined;
  }
  if (isErrorInfo(info)) {
    return new ApiError(
      {
        code: info.code,
        message: info.message,
        field: info.field ?? null,
        remedy: info.remedy ?? null
      },
      response.status
    );
  }
  return new ApiError(unknownFailure(response), response.status);
}

function unknownFailure(response: Response): ErrorInfo {
  const missing = response.status === 404;
  return {
    code: missing ? 'no_server_extension' : 'http_error',
    message: missing
      ? 'The server half of Fine-tuning Studio is not running.'
      : `The server answered ${response.status} ${response.statusText}.`.trim(),
    field: null,
    remedy: missing
      ? 'Run `jupyter server extension enable ftstudio_ext` and restart the Jupyter server.'
      : null
  };
}
