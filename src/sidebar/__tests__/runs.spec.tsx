import { nullTranslator } from '@jupyterlab/translation';
import { act, fireEvent, screen } from '@testing-library/react';
import * as React from 'react';

import { job, show, studioAnswering } from '../../__mocks__/studio';
import { runDetail, Runs } from '../runs';

const trans = nullTranslator.load('ftstudio');

const PROGRESS = {
  attempt: 1,
  phase: 'training',
  step: 310,
  total_steps: 500,
  epoch: 0.6,
  eta_s: 240,
  heartbeat: '2026-01-01T00:00:00Z',
  loss: 0.412,
  sparkline: [2, 1, 0.5],
  unit: null
};

describe('a run in the sidebar', () => {
  it('says how far it is and how long it takes', () => {
    expect(runDetail(job({ progress: PROGRESS }), trans)).toBe(
      'Step 310/500 · 4 min left'
    );
  });

  it('says what it prepares before the first step', () => {
    const progress = { ...PROGRESS, phase: 'loading', step: 0 };
    expect(runDetail(job({ progress }), trans)).toBe('Loading');
  });

  it('says why it waits', () => {
    expect(
      runDetail(job({ state: 'queued', reason: 'sql-r8 runs first' }), trans)
    ).toBe('Queued · sql-r8 runs first');
  });

  it('says why it failed, in a line', () => {
    const error = {
      code: 'out_of_memory',
      message: 'The machine ran out of memory.',
      field: null,
      remedy: null
    };
    expect(runDetail(job({ state: 'failed', error }), trans)).toBe(
      'The machine ran out of memory.'
    );
  });

  it('offers the checkpoint of a vanished process', () => {
    const lost = job({ state: 'lost', can_resume: true, resume_step: 400 });
    expect(runDetail(lost, trans)).toBe(
      'Process vanished — resume from step 400?'
    );
  });
});

describe('Runs', () => {
  it('offers the first step while there is none', async () => {
    const { studio, opened } = studioAnswering({});
    show(studio, <Runs />);
    await act(() => studio.jobs.refresh());
    fireEvent.click(await screen.findByText('Start a training run'));
    expect(opened).toEqual(['train null']);
  });

  it('opens a run on click and shows its percent', async () => {
    const { studio, opened } = studioAnswering({
      'GET jobs': { items: [job({ progress: PROGRESS })], total: 1 }
    });
    show(studio, <Runs />);
    await act(() => studio.jobs.refresh());
    await screen.findByText('62 %');
    fireEvent.click(screen.getByText('better-sql'));
    expect(opened).toEqual(['run "j1"']);
  });

  it('asks the server for another page', async () => {
    const items = Array.from({ length: 25 }, (_, index) =>
      job({ id: `j${index}`, name: `run ${index}` })
    );
    const { studio, asked } = studioAnswering({
      'GET jobs': { items, total: 60 }
    });
    show(studio, <Runs />);
    await act(() => studio.jobs.refresh());
    fireEvent.click(await screen.findByText('Show more (25 of 60)'));
    expect(asked).toHaveLength(2);
  });
});
