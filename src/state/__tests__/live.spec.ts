import type { Event } from '@jupyterlab/services';
import { Signal } from '@lumino/signaling';

import { job, studioAnswering } from '../../__mocks__/studio';
import { Live } from '../live';

const HINT = 'https://ftstudio-ext.readthedocs.io/events/job/v1';

function living(answers: Record<string, unknown> = {}) {
  const { studio, asked } = studioAnswering(answers);
  const stream = new Signal<unknown, Event.Emission>({});
  const live = new Live({
    jobs: studio.jobs,
    status: studio.status,
    others: [studio.adapters],
    events: { stream } as unknown as Event.IManager
  });
  const count = (route: string) =>
    asked.filter(item => item.route === route).length;
  const hint = (kind: string, schema_id = HINT) =>
    stream.emit({ schema_id, job_id: 'j1', kind } as Event.Emission);
  return { live, studio, count, hint };
}

const wait = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));

describe('Live', () => {
  it('asks at once when the event bus hints, once for a burst', async () => {
    const { live, count, hint } = living();
    await wait(50);
    const before = count('GET jobs');
    hint('progress');
    hint('progress');
    hint('progress');
    await wait(400);
    expect(count('GET jobs')).toBe(before + 1);
    live.dispose();
  });

  it('looks for new adapters when a run changed its state', async () => {
    const { live, count, hint } = living();
    await wait(50);
    const before = count('GET adapters');
    hint('progress');
    await wait(400);
    expect(count('GET adapters')).toBe(before);
    hint('state');
    await wait(400);
    expect(count('GET adapters')).toBe(before + 1);
    live.dispose();
  });

  it('does not mind the events of others', async () => {
    const { live, count, hint } = living();
    await wait(50);
    const before = count('GET jobs');
    hint('state', 'https://events.jupyter.org/contents');
    await wait(400);
    expect(count('GET jobs')).toBe(before);
    live.dispose();
  });

  it('asks more often while something runs', async () => {
    const answers = { 'GET jobs': { items: [job()], total: 1 } };
    const { live, count } = living(answers);
    await wait(2600);
    expect(count('GET jobs')).toBeGreaterThanOrEqual(2);
    live.dispose();
  });
});
