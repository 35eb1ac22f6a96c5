import { job, studioAnswering } from '../../__mocks__/studio';
import { EndWatch } from '../health';

type State = 'running' | 'succeeded' | 'failed';

async function seeing(states: State[], isSeen = (_: string) => false) {
  const answers: Record<string, unknown> = {};
  const { studio, opened } = studioAnswering(answers);
  const watch = new EndWatch(studio, isSeen);
  for (const state of states) {
    answers['GET jobs'] = { items: [job({ state })], total: 1 };
    await studio.jobs.refresh();
  }
  return { opened, watch };
}

describe('the end of a run', () => {
  it('is told when it happens', async () => {
    const { opened } = await seeing(['running', 'succeeded']);
    expect(opened).toEqual(['success "“better-sql” has finished."']);
  });

  it('is told with its cause when it failed', async () => {
    const { opened } = await seeing(['running', 'failed']);
    expect(opened).toHaveLength(1);
    expect(opened[0]).toMatch(/^warning/);
  });

  it('is not told to those who look at the run', async () => {
    const { opened } = await seeing(
      ['running', 'succeeded'],
      id => id === 'j1'
    );
    expect(opened).toEqual([]);
  });

  it('is not told when it happened before the page was opened', async () => {
    const { opened } = await seeing(['succeeded', 'succeeded']);
    expect(opened).toEqual([]);
  });
});
