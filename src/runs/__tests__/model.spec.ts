import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';

import type { JobHint } from '../../api';
import { ApiError } from '../../api';
import type { IFtStudio } from '../../tokens';
import { RunModel } from '../model';

const WIDTH = 10;

/** A server with one run, whose events lie `WIDTH` bytes apart, two to a page. */
class FakeRun {
  state = 'running';
  steps = 3;
  asked: number[] = [];
  gets = 0;
  failure: ApiError | null = null;
  hinted = new Signal<FakeRun, JobHint>(this);

  readonly studio = {
    trans: nullTranslator.load('ftstudio'),
    live: { hinted: this.hinted, refresh: async () => undefined },
    messages: { error: () => undefined },
    api: {
      jobs: {
        get: async () => this.get(),
        events: async (_: string, query: { after: number }) =>
          this.events(query.after),
        log: async () => ({ text: '', position: 0, size: 0 })
      }
    }
  } as unknown as IFtStudio;

  hint(): void {
    this.hinted.emit({
      job_id: 'run',
      kind: 'state',
      state: null,
      position: null
    });
  }

  private get(): unknown {
    this.gets += 1;
    if (this.failure) {
      throw this.failure;
    }
    return { id: 'run', name: 'run', state: this.state };
  }

  private events(after: number): unknown {
    this.asked.push(after);
    const first = after / WIDTH + 1;
    const last = Math.min(first + 1, this.steps);
    const events = [];
    for (let step = first; step <= last; step++) {
      events.push({ kind: 'metric', attempt: 1, step, values: { loss: step } });
    }
    const position = Math.max(after, last * WIDTH);
    return { events, position, more: last < this.steps };
  }
}

async function settle(): Promise<void> {
  await new Promise(resolve => setTimeout(resolve, 50));
}

describe('RunModel', () => {
  let run: FakeRun;
  let model: RunModel;
  let visible: boolean;

  beforeEach(() => {
    run = new FakeRun();
    visible = true;
    model = new RunModel(run.studio, 'run', () => visible);
  });

  afterEach(() => model.dispose());

  it('reads all events page by page, then only what is new', async () => {
    await model.again();
    await settle();
    expect(run.asked).toEqual([0, 20]);
    expect(model.curve.get('loss')?.steps).toEqual([1, 2, 3]);
    run.steps = 4;
    run.hint();
    await settle();
    expect(run.asked).toEqual([0, 20, 30]);
    expect(model.curve.get('loss')?.steps).toEqual([1, 2, 3, 4]);
  });

  it('asks nothing while nobody looks', async () => {
    visible = false;
    await model.again();
    await settle();
    expect(run.gets).toBe(0);
  });

  it('stops asking when the run has ended, until it goes on', async () => {
    run.state = 'stopped';
    await model.again();
    await settle();
    await new Promise(resolve => setTimeout(resolve, 1_700));
    expect(run.gets).toBe(1);
    run.state = 'running';
    run.hint();
    await settle();
    expect(model.job?.state).toBe('running');
  });

  it('keeps what it shows when the server is away, and says so', async () => {
    await model.again();
    await settle();
    const info = { code: 'unreachable', message: 'Away.', field: null };
    run.failure = new ApiError({ ...info, remedy: null }, 0);
    run.hint();
    await settle();
    expect(model.error?.message).toBe('Away.');
    expect(model.curve.get('loss')?.length).toBe(3);
    run.failure = null;
    run.hint();
    await settle();
    expect(model.error).toBeNull();
  });
});
