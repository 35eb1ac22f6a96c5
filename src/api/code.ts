import type { ApiClient } from './client';
import type { Code, CodeRequest } from './types';

/** Forms, jobs and comparisons as code. */
export class CodeRoutes {
  constructor(private client: ApiClient) {}

  /** A training form. */
  form(body: CodeRequest): Promise<Code> {
    return this.client.request('POST', 'training/code', { body });
  }

  /** A run or an evaluation once more. */
  job(id: string, format: Code['format']): Promise<Code> {
    return this.of('jobs', id, format);
  }

  /** The same question once more. */
  comparison(id: string, format: Code['format']): Promise<Code> {
    return this.of('comparisons', id, format);
  }

  private of(kind: string, id: string, format: Code['format']): Promise<Code> {
    const path = `${kind}/${encodeURIComponent(id)}/code`;
    return this.client.request('GET', path, { query: { format } });
  }
}
