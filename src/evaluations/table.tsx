import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { MetricInfo, Metrics, PairedComparison, Score } from '../api';
import { SelectField } from '../components';
import { formatNumber } from '../format';
import { useStudio } from '../shell/context';
import type { EvaluationModel } from './model';
import { intervalOf, pOf, valueOf } from './numbers';
import { Others, OtherScores } from './others';

type Props = { model: EvaluationModel; metrics: Metrics };

/** Systems by metrics, with intervals; a mark where a difference from the baseline is shown. */
export function MetricTable({ model, metrics }: Props): JSX.Element {
  const { trans } = useStudio();
  const scores = model.split
    ? metrics.scores.filter(score => score.split === model.split)
    : metrics.overall;
  const shown = metrics.infos.filter(info =>
    scores.some(score => typeof score.metrics[info.key]?.value === 'number')
  );
  return (
    <>
      {metrics.splits.length > 1 && (
        <SelectField
          className="jp-FtStudio-evaluation-split"
          label={trans.__('Rows of')}
          value={model.split ?? ''}
          choices={[
            { value: '', label: trans.__('all splits') },
            ...metrics.splits.map(split => ({ value: split, label: split }))
          ]}
          onChange={split => model.show({ split: split || null })}
        />
      )}
      <div className="jp-FtStudio-tableBox">
        <table
          className="jp-FtStudio-table jp-FtStudio-metricTable"
          aria-label={trans.__('Metrics by system')}
        >
          <thead>
            <tr>
              <th scope="col">{trans.__('System')}</th>
              {shown.map(info => (
                <th key={info.key} scope="col" title={info.description}>
                  {info.title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {scores.map(score => (
              <SystemRow
                key={score.system}
                score={score}
                infos={shown}
                metrics={metrics}
                split={model.split}
              />
            ))}
          </tbody>
          {model.others.map(other => (
            <OtherScores
              key={other.job_id}
              model={model}
              other={other}
              infos={shown}
            />
          ))}
        </table>
      </div>
      <p className="jp-FtStudio-help">
        {trans.__(
          'Below each value its 95 % interval. ▲ better, ▼ worse than the baseline after correction for several comparisons; no mark: no difference shown.'
        )}
      </p>
      <Others model={model} metrics={metrics} />
    </>
  );
}

function SystemRow(props: {
  score: Score;
  infos: MetricInfo[];
  metrics: Metrics;
  split: string | null;
}): JSX.Element {
  const { trans } = useStudio();
  const { score, infos, metrics, split } = props;
  return (
    <tr>
      <th scope="row">
        {score.label}
        {score.system === metrics.baseline && (
          <span className="jp-FtStudio-tag">{trans.__('baseline')}</span>
        )}
        <span className="jp-FtStudio-help">
          {trans._n('1 row', '%2 rows', score.rows, formatNumber(score.rows))}
        </span>
      </th>
      {infos.map(info => (
        <Cell
          key={info.key}
          score={score}
          info={info}
          against={metrics.comparisons.find(
            found =>
              found.system === score.system &&
              found.metric === info.key &&
              found.split === (split ?? 'all')
          )}
        />
      ))}
    </tr>
  );
}

/** A metric of a system, marked where a difference from somebody is shown. */
export function Cell(props: {
  score: Score;
  info: MetricInfo;
  against?: PairedComparison;
}): JSX.Element {
  const { trans } = useStudio();
  const { score, info, against } = props;
  const estimate = score.metrics[info.key];
  return (
    <td
      data-number="true"
      data-verdict={against?.verdict}
      title={against && differenceOf(against, info, trans)}
    >
      <span className="jp-FtStudio-value">
        {against?.verdict === 'better' && (
          <span role="img" aria-label={trans.__('better')}>
            ▲{' '}
          </span>
        )}
        {against?.verdict === 'worse' && (
          <span role="img" aria-label={trans.__('worse')}>
            ▼{' '}
          </span>
        )}
        {valueOf(estimate?.value, info)}
      </span>
      {estimate && (
        <span className="jp-FtStudio-help">{intervalOf(estimate, info)}</span>
      )}
    </td>
  );
}

/** "+23 % (11 to 35), p < 0.001 by …; 41 wins, 10 losses, 9 ties". */
function differenceOf(
  found: PairedComparison,
  info: MetricInfo,
  trans: TranslationBundle
): string {
  const sign = (found.difference ?? 0) > 0 ? '+' : '';
  return [
    trans.__(
      'Difference: %1 (%2)',
      `${sign}${valueOf(found.difference, info)}`,
      intervalOf(found, info)
    ),
    [found.test, pOf(found.p_adjusted ?? found.p_value)]
      .filter(Boolean)
      .join(', '),
    trans.__(
      '%1 wins, %2 losses, %3 ties',
      formatNumber(found.wins),
      formatNumber(found.losses),
      formatNumber(found.ties)
    )
  ]
    .filter(Boolean)
    .join('\n');
}
