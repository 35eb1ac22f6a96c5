import {
  codeIcon,
  refreshIcon,
  runIcon as playIcon,
  stopIcon
} from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { JobDetail } from '../api';
import {
  Button,
  isActive,
  isFinal,
  ProgressBar,
  StateDot,
  stateWord
} from '../components';
import {
  formatAgo,
  formatDuration,
  formatLeft,
  formatNumber,
  formatTime
} from '../format';
import { adapterIcon, compareIcon, evaluationIcon } from '../icons';
import { useStudio } from '../shell/context';
import { openLink } from '../shell/mlflow';
import { TabHead } from '../shell/record';
import { CommandIDs } from '../tokens';
import type { RunModel } from './model';
import { Phases } from './phases';
import { stopRun } from './stop';

/** What the run is, how far it is, and what can be done about it. */
export function Header(props: {
  model: RunModel;
  job: JobDetail;
}): JSX.Element {
  const { model, job } = props;
  const { trans } = useStudio();
  const about = [job.base_model, job.dataset, job.prompt].filter(Boolean);
  return (
    <div className="jp-FtStudio-runHeader">
      <TabHead title={job.name} subtitle={about.join(' · ')}>
        <Actions model={model} job={job} />
      </TabHead>
      <div className="jp-FtStudio-runHeader-state" role="status">
        <StateDot state={job.state} />
        <b data-state={job.state}>{stateWord(job.state, trans)}</b>
        {job.reason && !job.error && <span>{job.reason}</span>}
        <When job={job} />
      </div>
      <Progress job={job} />
      <Phases phases={model.curve.phases} job={job} />
    </div>
  );
}

function When({ job }: { job: JobDetail }): JSX.Element {
  const { trans } = useStudio();
  const { created_at, started_at, finished_at } = job;
  const time = finished_at ?? started_at ?? created_at;
  const words = finished_at
    ? trans.__('ended %1', formatAgo(finished_at, trans))
    : started_at
      ? trans.__('began %1', formatAgo(started_at, trans))
      : trans.__('submitted %1', formatAgo(created_at, trans));
  const took =
    started_at && finished_at
      ? (Date.parse(finished_at) - Date.parse(started_at)) / 1000
      : null;
  return (
    <span className="jp-FtStudio-help" title={formatTime(time)}>
      {words}
      {took !== null && ` · ${trans.__('took %1', formatDuration(took))}`}
    </span>
  );
}

function Progress({ job }: { job: JobDetail }): JSX.Element | null {
  const { trans } = useStudio();
  const { progress, state } = job;
  if (!progress || (isFinal(state) && !progress.step)) {
    return null;
  }
  const { step, total_steps: total, eta_s: eta, epoch, loss } = progress;
  const parts = [
    total
      ? trans.__('Step %1 of %2', formatNumber(step), formatNumber(total))
      : null,
    epoch !== null && total
      ? trans.__('epoch %1', formatNumber(Number(epoch.toFixed(2))))
      : null,
    loss !== null ? trans.__('loss %1', formatNumber(loss)) : null,
    isActive(state) && eta !== null && eta > 0 ? formatLeft(eta, trans) : null
  ];
  const share = total ? step / total : null;
  return (
    <div className="jp-FtStudio-runHeader-progress">
      {(isActive(state) || state === 'stopped' || state === 'lost') && (
        <ProgressBar share={share} label={trans.__('Training steps done')} />
      )}
      <span>{parts.filter(Boolean).join(' · ')}</span>
    </div>
  );
}

function Actions(props: { model: RunModel; job: JobDetail }): JSX.Element {
  const { model, job } = props;
  const studio = useStudio();
  const { trans } = studio;
  const { adapter_id: adapter, state } = job;
  const stopping = state === 'stopping';
  return (
    <>
      {state === 'succeeded' && adapter && (
        <Button
          kind="primary"
          icon={adapterIcon}
          label={trans.__('Show adapter')}
          onClick={() => studio.openAdapter(adapter)}
        />
      )}
      {state === 'succeeded' && adapter && (
        <Button
          icon={compareIcon}
          label={trans.__('Compare with base')}
          onClick={() => studio.openCompare({ adapter })}
        />
      )}
      {state === 'succeeded' && adapter && (
        <Button
          icon={evaluationIcon}
          label={trans.__('Evaluate')}
          title={trans.__('On rows that it has not seen')}
          onClick={() => studio.newEvaluation({ adapter })}
        />
      )}
      {isFinal(state) && state !== 'succeeded' && (
        <ResumeButton model={model} job={job} />
      )}
      {job.type === 'train' && job.started_at && (
        <Button
          label={trans.__('Open in MLflow')}
          onClick={() => {
            studio.api.jobs
              .mlflow(job.id)
              .then(link => openLink(studio, link))
              .catch(reason => studio.messages.error(reason));
          }}
        />
      )}
      <Button
        icon={codeIcon}
        label={trans.__('Show code')}
        title={trans.__('The same run as a cell, a call, or a script')}
        onClick={() => studio.execute(CommandIDs.showCode, { id: job.id })}
      />
      {isFinal(state) ? (
        <Button
          icon={refreshIcon}
          label={trans.__('Run again…')}
          title={trans.__('A new run that begins with these settings')}
          onClick={() => studio.openTrain({ from_job: job.id })}
        />
      ) : (
        <Button
          icon={stopIcon}
          label={stopLabel(job, trans)}
          why={stopping ? trans.__('The run is already being stopped.') : null}
          busy={model.busy === 'stop'}
          onClick={() => {
            stopRun(studio, model).catch(reason =>
              studio.messages.error(reason)
            );
          }}
        />
      )}
    </>
  );
}

/** Go on from the newest checkpoint; without one, the same once more from the beginning. */
function ResumeButton(props: { model: RunModel; job: JobDetail }): JSX.Element {
  const { model, job } = props;
  const { trans } = useStudio();
  const { resume_step: step } = job;
  return (
    <Button
      kind={step ? 'primary' : 'normal'}
      icon={playIcon}
      label={
        step
          ? trans.__('Resume from step %1', formatNumber(step))
          : trans.__('Try again')
      }
      title={step ? undefined : trans.__('The same settings, from the start')}
      why={job.can_resume ? null : trans.__('There is nothing to go on from.')}
      busy={model.busy === 'resume'}
      onClick={() => void model.resume()}
    />
  );
}

function stopLabel({ state }: JobDetail, trans: TranslationBundle): string {
  switch (state) {
    case 'stopping':
      return trans.__('Stopping…');
    case 'queued':
    case 'held':
      return trans.__('Cancel run…');
    default:
      return trans.__('Stop…');
  }
}
