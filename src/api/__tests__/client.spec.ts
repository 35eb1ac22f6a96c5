import { ServerConnection } from '@jupyterlab/services';

import { ApiClient, ApiError } from '../client';

function clientAnswering(status: number, body: string) {
  const asked: Request[] = [];
  const settings = ServerConnection.makeSettings({
    baseUrl: 'http://localhost:8888/lab-base/',
    fetch: async (request: RequestInfo | URL) => {
      asked.push(request as Request);
      return new Response(body, { status });
    }
  });
  return { client: new ApiClient(settings), asked };
}

async function failure(run: Promise<unknown>): Promise<ApiError> {
  return ApiError.from(
    await run.then(
      () => 'did not fail',
      reason => reason
    )
  );
}

describe('ApiClient', () => {
  it('speaks with the routes below the base URL', async () => {
    const { client, asked } = clientAnswering(200, '{"items":[],"total":0}');
    const page = await client.request('GET', 'datasets', {
      query: { q: 'sql & more', limit: 25, offset: undefined }
    });
    expect(page).toEqual({ items: [], total: 0 });
    const url = new URL(asked[0].url);
    expect(url.pathname).toBe('/lab-base/ftstudio/api/datasets');
    expect(url.searchParams.get('q')).toBe('sql & more');
    expect(url.searchParams.has('offset')).toBe(false);
  });

  it('keeps an idle server idle when it polls', async () => {
    const { client, asked } = clientAnswering(200, '{}');
    await client.request('GET', 'status', { background: true });
    expect(new URL(asked[0].url).searchParams.get('no_track_activity')).toBe(
      '1'
    );
  });

  it('sends the revision that a change is based on', async () => {
    const { client, asked } = clientAnswering(200, '{}');
    await client.request('PATCH', 'prompts/a', {
      body: { name: 'b' },
      revision: 3
    });
    expect(asked[0].headers.get('If-Match')).toBe('3');
  });

  it('tells a failure with its field and its remedy', async () => {
    const { client } = clientAnswering(
      422,
      JSON.stringify({
        error: {
          code: 'invalid_input',
          message: 'No column "ql".',
          field: 'prompt_template',
          remedy: 'Did you mean "sql"?'
        }
      })
    );
    const error = await failure(client.request('POST', 'prompts'));
    expect(error.status).toBe(422);
    expect(error.field).toBe('prompt_template');
    expect(error.remedy).toBe('Did you mean "sql"?');
    expect(error.message).toBe('No column "ql".');
  });

  it('says in words that the server half is missing', async () => {
    const { client } = clientAnswering(404, '<html>Not found</html>');
    const error = await failure(client.request('GET', 'status'));
    expect(error.code).toBe('no_server_extension');
    expect(error.remedy).toContain('jupyter server extension enable');
  });

  it('says in words that the server is gone', async () => {
    const settings = ServerConnection.makeSettings({
      fetch: async () => {
        throw new TypeError('Failed to fetch');
      }
    });
    const error = await failure(
      new ApiClient(settings).request('GET', 'status')
    );
    expect(error.code).toBe('unreachable');
    expect(error.message).toBe('The Jupyter server does not answer.');
  });
});
