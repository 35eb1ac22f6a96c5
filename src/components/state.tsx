import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Job } from '../api';
import { useStudio } from '../shell/context';

export type JobState = Job['state'];

/** The word for a state, everywhere the same. */
export function stateWord(state: JobState, trans: TranslationBundle): string {
  const words: Record<JobState, string> = {
    queued: trans.__('Queued'),
    held: trans.__('On hold'),
    starting: trans.__('Starting'),
    running: trans.__('Running'),
    stopping: trans.__('Stopping'),
    succeeded: trans.__('Succeeded'),
    failed: trans.__('Failed'),
    stopped: trans.__('Stopped'),
    lost: trans.__('Process vanished')
  };
  return words[state];
}

/** Whether something of the job runs now. */
export function isActive(state: JobState): boolean {
  return state === 'starting' || state === 'running' || state === 'stopping';
}

/** Whether the job has come to an end. */
export function isFinal(state: JobState): boolean {
  return !isActive(state) && state !== 'queued' && state !== 'held';
}

/** A mark in the state's colour and, for those who see no colours, in its own shape. */
export function StateDot(props: { state: JobState }): JSX.Element {
  const { trans } = useStudio();
  const word = stateWord(props.state, trans);
  return (
    <span
      className="jp-FtStudio-dot"
      data-state={props.state}
      role="img"
      aria-label={word}
      title={word}
    />
  );
}
