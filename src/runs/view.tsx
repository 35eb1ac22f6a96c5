import * as React from 'react';

import type { Event, JobDetail } from '../api';
import { Checks, ErrorBox, isFinal, Tabs } from '../components';
import { formatNumber } from '../format';
import { useStudio } from '../shell/context';
import { useModels } from '../state';
import { Charts } from './charts';
import { Details } from './details';
import { Header } from './header';
import { LogView } from './logview';
import type { RunModel } from './model';
import { Samples } from './samples';

type Panel = 'samples' | 'log' | 'details';

/** A run's tab. */
export function RunView({ model }: { model: RunModel }): JSX.Element {
  const { trans } = useStudio();
  useModels(model);
  const { job, error } = model;
  if (!job) {
    return (
      <div className="jp-FtStudio-page jp-FtStudio-run">
        {error ? (
          <ErrorBox error={error} retry={() => void model.again()} />
        ) : (
          <p className="jp-FtStudio-help">{trans.__('Loading…')}</p>
        )}
      </div>
    );
  }
  return (
    <div
      className="jp-FtStudio-page jp-FtStudio-run"
      data-run={job.id}
      data-state={job.state}
    >
      {error && (
        <p className="jp-FtStudio-run-stale" role="status">
          {trans.__('These numbers may be old: %1', error.message)}
        </p>
      )}
      <Header model={model} job={job} />
      <Failure job={job} />
      <Warnings warnings={model.curve.warnings} />
      <Charts id={model.id} curve={model.curve} ended={isFinal(job.state)} />
      <Rest model={model} job={job} />
    </div>
  );
}

/** Why the run ended, in words; everything else is in the log. */
function Failure({ job }: { job: JobDetail }): JSX.Element | null {
  const { trans } = useStudio();
  const { error, state } = job;
  if (!error || (state !== 'failed' && state !== 'lost')) {
    return null;
  }
  return (
    <div className="jp-FtStudio-errorBox" role="alert">
      <div className="jp-FtStudio-errorBox-message">{error.message}</div>
      {error.remedy && <div>{error.remedy}</div>}
      {job.can_resume && job.resume_step !== null && (
        <div className="jp-FtStudio-help">
          {trans.__(
            'Nothing before step %1 is lost: resume goes on from there.',
            formatNumber(job.resume_step)
          )}
        </div>
      )}
    </div>
  );
}

function Warnings({ warnings }: { warnings: Event[] }): JSX.Element | null {
  const { trans } = useStudio();
  const notices = warnings.map(event => ({
    level: 'warning' as const,
    message: [
      event.step !== null && trans.__('Step %1:', formatNumber(event.step)),
      event.message
    ]
      .filter(Boolean)
      .join(' '),
    remedy: event.remedy
  }));
  return <Checks checks={notices} label={trans.__('Warnings')} />;
}

/**
 * Log, samples and details; folded where one comes to a run that has failed already, since the
 * cause stands above in words. What somebody reads is never folded under their eyes.
 */
function Rest(props: { model: RunModel; job: JobDetail }): JSX.Element {
  const { trans } = useStudio();
  const [folded] = React.useState(props.job.state === 'failed');
  return folded ? (
    <details className="jp-FtStudio-details">
      <summary>{trans.__('Log, samples and details')}</summary>
      <Panels {...props} />
    </details>
  ) : (
    <Panels {...props} />
  );
}

function Panels(props: { model: RunModel; job: JobDetail }): JSX.Element {
  const { model, job } = props;
  const { trans } = useStudio();
  const [panel, setPanel] = React.useState<Panel>('log');
  const { samples } = model.curve;
  const panels: [Panel, string][] = [
    ['log', trans.__('Log')],
    [
      'samples',
      samples.length
        ? trans.__('Samples (%1)', formatNumber(samples.length))
        : trans.__('Samples')
    ],
    ['details', trans.__('Details')]
  ];
  return (
    <Tabs tabs={panels} value={panel} onChange={setPanel}>
      {panel === 'log' && <LogView log={model.log} />}
      {panel === 'samples' && <Samples samples={samples} />}
      {panel === 'details' && <Details job={job} />}
    </Tabs>
  );
}
