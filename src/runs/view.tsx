import * as React from 'react';

import type { Event, JobDetail } from '../api';
import { ErrorBox, isFinal } from '../components';
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
  if (!warnings.length) {
    return null;
  }
  return (
    <ul className="jp-FtStudio-checks" aria-label={trans.__('Warnings')}>
      {warnings.map((event, index) => (
        <li key={index} data-level="warning">
          <span
            className="jp-FtStudio-checks-mark"
            role="img"
            aria-label={trans.__('Warning')}
            title={trans.__('Warning')}
          />
          <span>
            {event.step !== null &&
              `${trans.__('Step %1:', formatNumber(event.step))} `}
            {event.message}
            {event.remedy && (
              <span className="jp-FtStudio-help"> {event.remedy}</span>
            )}
          </span>
        </li>
      ))}
    </ul>
  );
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
  const id = React.useId();
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
  const move = (event: React.KeyboardEvent) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (by) {
      const index = panels.findIndex(([name]) => name === panel);
      const [next] = panels[(index + by + panels.length) % panels.length];
      setPanel(next);
      document.getElementById(`${id}-${next}`)?.focus();
    }
  };
  return (
    <section className="jp-FtStudio-panels">
      <div role="tablist" onKeyDown={move}>
        {panels.map(([name, label]) => (
          <button
            key={name}
            id={`${id}-${name}`}
            type="button"
            role="tab"
            aria-selected={panel === name}
            aria-controls={`${id}-panel`}
            tabIndex={panel === name ? 0 : -1}
            onClick={() => setPanel(name)}
          >
            {label}
          </button>
        ))}
      </div>
      <div
        id={`${id}-panel`}
        role="tabpanel"
        aria-labelledby={`${id}-${panel}`}
      >
        {panel === 'log' && <LogView log={model.log} />}
        {panel === 'samples' && <Samples samples={samples} />}
        {panel === 'details' && <Details job={job} />}
      </div>
    </section>
  );
}
