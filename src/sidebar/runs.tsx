import type { TranslationBundle } from '@jupyterlab/translation';
import { stopIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { Job } from '../api';
import { isActive, Sparkline, StateDot, stateWord } from '../components';
import {
  capital,
  formatAgo,
  formatLeft,
  formatNumber,
  formatPercent,
  formatTime
} from '../format';
import { useStudio } from '../shell/context';
import { useModels } from '../state';
import { CommandIDs } from '../tokens';
import { Row } from './row';
import { Section } from './section';

/** Training runs, newest first, alive. */
export function Runs(): JSX.Element {
  const studio = useStudio();
  const { trans, jobs } = studio;
  useModels(jobs);
  return (
    <Section
      id="runs"
      title={trans.__('Runs')}
      lists={[jobs]}
      empty={{
        text: trans.__(
          'A run trains an adapter for a base model on a dataset.'
        ),
        action: trans.__('Start a training run'),
        onClick: () => studio.openTrain()
      }}
    >
      <ul className="jp-FtStudio-list">
        {jobs.items.map(job => (
          <RunRow key={job.id} job={job} />
        ))}
      </ul>
    </Section>
  );
}

function RunRow({ job }: { job: Job }): JSX.Element {
  const studio = useStudio();
  const { trans } = studio;
  const stoppable = isActive(job.state) && job.state !== 'stopping';
  return (
    <Row
      kind="run"
      id={job.id}
      name={job.name}
      onOpen={() => studio.openRun(job.id)}
      mark={<StateDot state={job.state} />}
      aside={<RunAside job={job} />}
      detail={<span data-state={job.state}>{runDetail(job, trans)}</span>}
      title={runTitle(job, trans)}
      actions={
        stoppable || job.state === 'queued'
          ? [
              {
                icon: stopIcon,
                label: trans.__('Stop %1', job.name),
                onClick: () =>
                  studio.execute(CommandIDs.stopRun, { id: job.id })
              }
            ]
          : []
      }
    />
  );
}

function RunAside({ job }: { job: Job }): JSX.Element {
  const { trans } = useStudio();
  const { progress } = job;
  const curve = <Sparkline values={progress?.sparkline ?? []} />;
  if (isActive(job.state) && progress?.total_steps) {
    return (
      <>
        {curve}
        <span>{formatPercent(progress.step / progress.total_steps)}</span>
      </>
    );
  }
  if (job.state === 'queued' && job.queue_position) {
    return <span>{trans.__('#%1', job.queue_position)}</span>;
  }
  return curve;
}

/** The second line of a run: what it does, why it waits, or how it ended. */
export function runDetail(job: Job, trans: TranslationBundle): string {
  const word = stateWord(job.state, trans);
  switch (job.state) {
    case 'queued':
    case 'held':
    case 'starting':
    case 'stopping':
      return job.reason ? `${word} · ${job.reason}` : word;
    case 'running':
      return runningDetail(job, trans);
    case 'failed':
      return job.error?.message ?? job.reason ?? word;
    case 'lost':
      return job.can_resume && job.resume_step
        ? trans.__(
            'Process vanished — resume from step %1?',
            formatNumber(job.resume_step)
          )
        : word;
    default:
      return endedDetail(job, word, trans);
  }
}

function runningDetail(job: Job, trans: TranslationBundle): string {
  const { progress } = job;
  const word = stateWord(job.state, trans);
  if (!progress?.phase) {
    return word;
  }
  if (!progress.total_steps || progress.step === 0) {
    return capital(progress.phase);
  }
  const step = trans.__(
    'Step %1/%2',
    formatNumber(progress.step),
    formatNumber(progress.total_steps)
  );
  const left =
    progress.eta_s === null ? '' : ` · ${formatLeft(progress.eta_s, trans)}`;
  return progress.phase === 'training'
    ? `${step}${left}`
    : `${capital(progress.phase)} · ${step}`;
}

function endedDetail(job: Job, word: string, trans: TranslationBundle): string {
  const loss = job.progress?.loss;
  const ended = job.finished_at ? formatAgo(job.finished_at, trans) : '';
  const parts = [
    word,
    typeof loss === 'number' ? trans.__('loss %1', formatNumber(loss)) : '',
    ended
  ];
  return parts.filter(Boolean).join(' · ');
}

function runTitle(job: Job, trans: TranslationBundle): string {
  const lines = [
    `${job.name} · ${stateWord(job.state, trans)}`,
    job.base_model ? trans.__('Base model: %1', job.base_model) : '',
    job.dataset ? trans.__('Dataset: %1', job.dataset) : '',
    job.started_at ? trans.__('Started: %1', formatTime(job.started_at)) : '',
    job.finished_at ? trans.__('Ended: %1', formatTime(job.finished_at)) : '',
    job.error
      ? [job.error.message, job.error.remedy].filter(Boolean).join(' ')
      : ''
  ];
  return lines.filter(Boolean).join('\n');
}
