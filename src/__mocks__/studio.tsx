import { ServerConnection } from '@jupyterlab/services';
import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import { render } from '@testing-library/react';
import * as React from 'react';

import type { Job, Page } from '../api';
import { ApiClient, StudioApi } from '../api';
import { StudioProvider } from '../shell/context';
import { ListModel, StatusModel } from '../state';
import type { IFtStudio } from '../tokens';

/** What the server answers: a route such as `GET datasets`, and its JSON (or an ApiError). */
export type Answers = Record<string, unknown>;

/** A studio whose server is a table of answers; `asked` lists the requests in order. */
export function studioAnswering(answers: Answers): {
  studio: IFtStudio;
  asked: { route: string; body: unknown }[];
  opened: string[];
} {
  const asked: { route: string; body: unknown }[] = [];
  const opened: string[] = [];
  const api = new StudioApi(
    new (class extends ApiClient {
      override async request<T>(
        method: string,
        path: string,
        options: { body?: unknown } = {}
      ): Promise<T> {
        const route = `${method} ${path}`;
        asked.push({ route, body: options.body });
        const answer = answers[route];
        if (answer instanceof Error) {
          throw answer;
        }
        return (answer ?? EMPTY) as T;
      }

      /** Lines one after another, or whatever a function does with the one who takes them. */
      override async stream<T>(
        method: string,
        path: string,
        take: (line: T) => void,
        options: { body?: unknown; signal?: AbortSignal } = {}
      ): Promise<void> {
        const answer = answers[`${method} ${path} (stream)`];
        asked.push({ route: `${method} ${path}`, body: options.body });
        if (typeof answer === 'function') {
          await answer(take, options.signal);
        } else {
          (answer as T[]).forEach(take);
        }
      }
    })(ServerConnection.makeSettings())
  );
  const go = (name: string) => (id?: unknown) => {
    opened.push(`${name} ${JSON.stringify(id ?? null)}`);
  };
  const studio = {
    api,
    trans: nullTranslator.load('ftstudio'),
    messages: { success: go('success'), warning: go('warning') },
    live: { refresh: async () => undefined, hinted: new Signal({}) },
    status: new StatusModel(api),
    jobs: new ListModel(api.jobs, { type: 'train' }),
    datasets: new ListModel(api.datasets),
    models: new ListModel(api.models),
    adapters: new ListModel(api.adapters),
    prompts: new ListModel(api.prompts),
    comparisons: new ListModel(api.comparisons),
    evaluations: new ListModel(api.evaluations),
    execute: go('execute'),
    openTrain: go('train'),
    openRun: go('run'),
    openDataset: go('dataset'),
    openModel: go('model'),
    openAdapter: go('adapter'),
    openPrompt: go('prompt'),
    openCompare: go('compare'),
    newEvaluation: go('new evaluation'),
    openEvaluation: go('evaluation'),
    newPrompt: go('new prompt')
  } as unknown as IFtStudio;
  return { studio, asked, opened };
}

const EMPTY: Page<never> = { items: [], total: 0 };

/** Renders a part of the studio. */
export function show(
  studio: IFtStudio,
  element: JSX.Element
): ReturnType<typeof render> {
  return render(<StudioProvider studio={studio}>{element}</StudioProvider>);
}

/** A job, with what a test cares about. */
export function job(changes: Partial<Job> = {}): Job {
  return {
    id: 'j1',
    type: 'train',
    name: 'better-sql',
    state: 'running',
    reason: null,
    attempt: 1,
    error: null,
    priority: 0,
    hold: false,
    queue_position: null,
    created_at: '2026-01-01T00:00:00Z',
    started_at: null,
    finished_at: null,
    updated_at: '2026-01-01T00:00:00Z',
    progress: null,
    can_resume: false,
    resume_step: null,
    last_checkpoint_step: null,
    base_model: 'tiny',
    dataset: 'sql',
    prompt: 'p',
    adapter_id: null,
    run_dir: '/w/jobs/j1',
    ...changes
  } as Job;
}
