import * as React from 'react';

import type { Evaluation, MetricInfo, Metrics } from '../api';
import { Button, ErrorBox, SelectField } from '../components';
import { formatNumber } from '../format';
import { useStudio } from '../shell/context';
import type { EvaluationModel } from './model';
import { Cell } from './table';

/** Which other evaluations stand below this one, and what pairing their rows says. */
export function Others(props: {
  model: EvaluationModel;
  metrics: Metrics;
}): JSX.Element {
  const { trans } = useStudio();
  const { model, metrics } = props;
  const { against, againstError } = model;
  return (
    <>
      <AddOther model={model} />
      {againstError && <ErrorBox error={againstError} />}
      {against && (
        <section
          className="jp-FtStudio-verdicts"
          aria-label={trans.__('Against other evaluations')}
        >
          {metrics.systems.length > 1 && (
            <SelectField
              className="jp-FtStudio-evaluation-split"
              label={trans.__('Compared with')}
              value={against.system}
              choices={metrics.systems.map(({ key, label }) => ({
                value: key,
                label
              }))}
              onChange={system => void model.refer(system)}
            />
          )}
          {against.others.map(other => (
            <React.Fragment key={other.job_id}>
              {other.problem && <p data-verdict="none">{other.problem}</p>}
              {other.comparisons.map(pair => (
                <p
                  key={pair.system}
                  data-verdict={pair.verdict}
                  title={trans.__(
                    'Paired row by row; corrected by Holm’s method for all systems named here'
                  )}
                >
                  {pair.sentence}
                </p>
              ))}
              {other.other_prompt && other.comparisons.length > 0 && (
                <p className="jp-FtStudio-help">
                  {trans.__(
                    '“%1” asked in the words of another prompt.',
                    other.name
                  )}
                </p>
              )}
            </React.Fragment>
          ))}
        </section>
      )}
    </>
  );
}

/** Any other finished evaluation can stand below this one. */
function AddOther({ model }: { model: EvaluationModel }): JSX.Element | null {
  const { trans, evaluations } = useStudio();
  const shown = new Set([model.id, ...model.others.map(other => other.job_id)]);
  const free = evaluations.items.filter(
    ({ job_id, state }) => state === 'succeeded' && !shown.has(job_id)
  );
  if (!free.length) {
    return null;
  }
  return (
    <SelectField
      className="jp-FtStudio-evaluation-split"
      label={trans.__('Beside another evaluation')}
      value=""
      placeholder={trans.__('Choose…')}
      choices={free.map(({ job_id, name }) => ({ value: job_id, label: name }))}
      onChange={id => void model.addOther(id)}
    />
  );
}

/** Another evaluation's numbers by the same metrics, paired with this one's where rows are shared. */
export function OtherScores(props: {
  model: EvaluationModel;
  other: Evaluation;
  infos: MetricInfo[];
}): JSX.Element {
  const { trans } = useStudio();
  const { model, other, infos } = props;
  const found = model.against?.others.find(
    ({ job_id }) => job_id === other.job_id
  );
  const shared = found?.shared_rows ?? 0;
  const about = [
    other.dataset ?? '',
    other.prompt ?? '',
    shared
      ? trans._n(
          '1 of its rows is the same',
          '%2 of its %3 rows are the same',
          shared,
          formatNumber(shared),
          formatNumber(found?.rows ?? 0)
        )
      : ''
  ].filter(Boolean);
  return (
    <tbody>
      <tr>
        <th scope="rowgroup" colSpan={infos.length + 1}>
          {other.name}
          <span className="jp-FtStudio-help">{about.join(' · ')}</span>
          <Button
            kind="plain"
            label={trans.__('Remove')}
            onClick={() => void model.removeOther(other.job_id)}
          />
        </th>
      </tr>
      {(other.metrics?.overall ?? []).map(score => (
        <tr key={score.system}>
          <th scope="row">
            {score.label}
            <span className="jp-FtStudio-help">
              {trans._n(
                '1 row',
                '%2 rows',
                score.rows,
                formatNumber(score.rows)
              )}
            </span>
          </th>
          {infos.map(info => (
            <Cell
              key={info.key}
              score={score}
              info={info}
              against={found?.comparisons.find(
                pair => pair.system === score.system && pair.metric === info.key
              )}
            />
          ))}
        </tr>
      ))}
    </tbody>
  );
}
