import * as React from 'react';

import type { Attempt, JobDetail } from '../api';
import { stateWord } from '../components';
import { formatDuration, formatNumber, formatTime } from '../format';
import { useStudio } from '../shell/context';
import { Facts } from '../shell/record';

/** What the run was asked to do, and what each attempt at it ran on. */
export function Details({ job }: { job: JobDetail }): JSX.Element {
  const { trans } = useStudio();
  const { base_model, dataset, prompt } = job;
  const names = Object.entries({ base_model, dataset, prompt }).filter(
    ([, name]) => name
  );
  const spec = flatten({ ...job.spec, ...Object.fromEntries(names) });
  return (
    <div className="jp-FtStudio-details">
      <h2>{trans.__('Settings')}</h2>
      <Facts facts={spec} />
      <h2>{trans.__('Attempts')}</h2>
      {job.attempts.length ? (
        job.attempts.map(attempt => (
          <AttemptFacts key={attempt.attempt} attempt={attempt} />
        ))
      ) : (
        <p className="jp-FtStudio-help">{trans.__('None yet.')}</p>
      )}
      <h2>{trans.__('Folder')}</h2>
      <code className="jp-FtStudio-code">{job.run_dir}</code>
    </div>
  );
}

function AttemptFacts({ attempt }: { attempt: Attempt }): JSX.Element {
  const { trans } = useStudio();
  const { started_at, finished_at, outcome, resumed_from_step: step } = attempt;
  const took =
    started_at && finished_at
      ? (Date.parse(finished_at) - Date.parse(started_at)) / 1000
      : null;
  const rows: [string, string][] = [
    [trans.__('Outcome'), outcome ? stateWord(outcome, trans) : '–'],
    [trans.__('Began'), started_at ? formatTime(started_at) : '–']
  ];
  if (took !== null) {
    rows.push([trans.__('Took'), formatDuration(took)]);
  }
  if (step !== null) {
    rows.push([trans.__('Resumed from step'), formatNumber(step)]);
  }
  if (attempt.signal ?? attempt.exit_code) {
    rows.push([trans.__('Exit'), attempt.signal ?? String(attempt.exit_code)]);
  }
  rows.push(
    [trans.__('Device'), attempt.device ?? '–'],
    [trans.__('Host'), attempt.supervisor?.host ?? '–'],
    [trans.__('Python'), attempt.python ?? '–'],
    ...Object.entries(attempt.versions)
  );
  return (
    <details className="jp-FtStudio-details" open={outcome === null}>
      <summary>
        {trans.__('Attempt %1', attempt.attempt)}
        {outcome && ` · ${stateWord(outcome, trans)}`}
      </summary>
      <Facts facts={rows} />
    </details>
  );
}

/** `{a: {b: 1}}` as `a.b 1`; what was left to its default (null, {}) is left out. */
export function flatten(
  tree: Record<string, unknown>,
  prefix = ''
): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]): [string, string][] => {
    if (value === null || value === undefined) {
      return [];
    }
    if (typeof value === 'object' && !Array.isArray(value)) {
      return flatten(value as Record<string, unknown>, `${prefix}${key}.`);
    }
    return [
      [prefix + key, Array.isArray(value) ? value.join(', ') : String(value)]
    ];
  });
}
