import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Event, JobDetail } from '../api';
import { isFinal } from '../components';
import { formatDuration } from '../format';
import { useStudio } from '../shell/context';
import { phaseSpans } from './curve';

/** In the order in which they come; those not in ALWAYS are shown once they happen. */
const ORDER = [
  'downloading',
  'loading',
  'tokenizing',
  'checking memory',
  'training',
  'evaluating',
  'saving'
];
const ALWAYS = new Set(['loading', 'tokenizing', 'training', 'saving']);

function phaseWord(phase: string, trans: TranslationBundle): string {
  const words: Record<string, string> = {
    downloading: trans.__('Downloading'),
    loading: trans.__('Loading'),
    tokenizing: trans.__('Tokenizing'),
    'checking memory': trans.__('Checking memory'),
    training: trans.__('Training'),
    evaluating: trans.__('Evaluating'),
    saving: trans.__('Saving')
  };
  return words[phase] ?? phase;
}

/** The phases of the newest attempt, with the time that each took. */
export function Phases(props: {
  phases: Event[];
  job: JobDetail;
}): JSX.Element | null {
  const { phases, job } = props;
  const { trans } = useStudio();
  if (!phases.length) {
    return null;
  }
  const ended = isFinal(job.state);
  const heartbeat = Date.parse(job.progress?.heartbeat ?? '');
  const newest = Date.parse(phases[phases.length - 1].time);
  // The server's clock, not the browser's: they may differ by hours.
  const now = Number.isNaN(heartbeat) ? newest : Math.max(heartbeat, newest);
  const end = ended ? (job.finished_at ?? new Date(now).toISOString()) : null;
  const spans = phaseSpans(phases, end, now);
  const last = phases[phases.length - 1].phase;
  const done = new Map(spans.map(span => [span.phase, span]));
  const shown = [
    ...ORDER.filter(phase => done.has(phase) || (ALWAYS.has(phase) && !ended)),
    ...spans.map(span => span.phase).filter(phase => !ORDER.includes(phase))
  ];
  return (
    <ol className="jp-FtStudio-phases" aria-label={trans.__('Phases')}>
      {shown.map(phase => {
        const span = done.get(phase);
        const broken = phase === last && job.state === 'failed';
        const state = !span
          ? 'ahead'
          : broken
            ? 'broken'
            : span.open
              ? 'now'
              : 'done';
        return (
          <li
            key={phase}
            data-phase={phase}
            data-progress={state}
            aria-current={state === 'now' ? 'step' : undefined}
          >
            <span>{phaseWord(phase, trans)}</span>
            <small>{span ? shortTime(span.seconds) : '–'}</small>
          </li>
        );
      })}
    </ol>
  );
}

function shortTime(seconds: number): string {
  return seconds < 10 ? `${seconds.toFixed(1)} s` : formatDuration(seconds);
}
