import * as React from 'react';

import type {
  Distribution,
  Estimate,
  GroupScore,
  MetricInfo,
  Metrics
} from '../api';
import { SelectField } from '../components';
import { formatNumber } from '../format';
import { useStudio } from '../shell/context';
import type { EvaluationModel } from './model';
import { axisOf, intervalOf, valueOf } from './numbers';

type Props = { model: EvaluationModel; metrics: Metrics };

/** One metric in pictures: by system, its distribution, by length and by category. */
export function Plots({ model, metrics }: Props): JSX.Element | null {
  const { trans } = useStudio();
  const { info } = model;
  if (!info) {
    return null;
  }
  const scores = metrics.overall.map(score => ({
    label: score.label,
    estimate: score.metrics[info.key]
  }));
  const labels = new Map(metrics.systems.map(each => [each.key, each.label]));
  const { distributions, groups, confusions } = metrics.plots;
  const own = distributions.filter(each => each.metric === info.key);
  return (
    <section className="jp-FtStudio-plots" aria-label={trans.__('Plots')}>
      <SelectField
        label={trans.__('Metric')}
        value={info.key}
        choices={metrics.infos.map(each => ({
          value: each.key,
          label: each.title,
          title: each.description
        }))}
        onChange={metric => model.show({ metric })}
      />
      <div className="jp-FtStudio-plots-grid">
        <Figure title={trans.__('%1 by system', info.title)}>
          <Dots points={scores} info={info} />
        </Figure>
        {own.length > 0 && info.kind !== 'share' && (
          <Figure title={trans.__('How the rows are spread')}>
            <Histograms found={own} labels={labels} info={info} />
          </Figure>
        )}
        {(['length', 'category'] as const).map(by => {
          const found = groups.filter(
            group => group.by === by && group.metric === info.key
          );
          return (
            found.length > 0 && (
              <Figure
                key={by}
                title={
                  by === 'length'
                    ? trans.__('By length of the expected answer')
                    : trans.__('By category')
                }
              >
                <Groups found={found} labels={labels} info={info} />
              </Figure>
            )
          );
        })}
        {confusions.map(found => (
          <Figure
            key={found.system}
            title={trans.__(
              '%1: answered (columns) for expected (rows)',
              labels.get(found.system) ?? found.system
            )}
          >
            <Confusion labels={found.labels} counts={found.counts} />
          </Figure>
        ))}
      </div>
    </section>
  );
}

function Figure(props: {
  title: string;
  children: React.ReactNode;
}): JSX.Element {
  return (
    <figure>
      <figcaption>{props.title}</figcaption>
      {props.children}
    </figure>
  );
}

type Point = { label: string; estimate?: Estimate };

/** A dot for each value with its interval as a line, on one axis. */
function Dots(props: { points: Point[]; info: MetricInfo }): JSX.Element {
  const { points, info } = props;
  const estimates = points.flatMap(point => point.estimate ?? []);
  const [from, to] = axisOf(estimates, info);
  const place = (value: number) => `${(100 * (value - from)) / (to - from)}%`;
  return (
    <div className="jp-FtStudio-dots">
      {points.map(({ label, estimate }, index) => (
        <React.Fragment key={index}>
          <span className="jp-FtStudio-dots-label" title={label}>
            {label}
          </span>
          <span
            className="jp-FtStudio-dots-line"
            role="img"
            aria-label={estimate ? words(label, estimate, info) : label}
            title={estimate && words(label, estimate, info)}
          >
            {estimate?.low !== null && estimate?.high !== null && estimate && (
              <i
                style={{
                  left: place(estimate.low),
                  right: `calc(100% - ${place(estimate.high)})`
                }}
              />
            )}
            {typeof estimate?.value === 'number' && (
              <b style={{ left: place(estimate.value) }} />
            )}
          </span>
          <span className="jp-FtStudio-dots-value">
            {valueOf(estimate?.value, info)}
          </span>
        </React.Fragment>
      ))}
      <span />
      <span className="jp-FtStudio-dots-axis">
        <span>{valueOf(from, info)}</span>
        <span>{valueOf(to, info)}</span>
      </span>
      <span />
    </div>
  );
}

function words(label: string, estimate: Estimate, info: MetricInfo): string {
  const interval = intervalOf(estimate, info);
  const value = valueOf(estimate.value, info);
  return `${label}: ${value}${interval ? ` (${interval})` : ''}, n ${formatNumber(estimate.n)}`;
}

/** The same axis and the same height for all systems, so that they compare. */
function Histograms(props: {
  found: Distribution[];
  labels: Map<string, string>;
  info: MetricInfo;
}): JSX.Element {
  const { found, labels, info } = props;
  const most = Math.max(1, ...found.flatMap(each => each.counts));
  return (
    <div className="jp-FtStudio-histograms">
      {found.map(each => (
        <div key={each.system}>
          <span>{labels.get(each.system) ?? each.system}</span>
          <div className="jp-FtStudio-histogram">
            {each.counts.map((count, bin) => (
              <i
                key={bin}
                style={{ height: `${(100 * count) / most}%` }}
                title={`${valueOf(each.edges[bin], info)} – ${valueOf(each.edges[bin + 1], info)}: ${formatNumber(count)}`}
              />
            ))}
          </div>
          <span className="jp-FtStudio-dots-axis">
            <span>{valueOf(each.edges[0], info)}</span>
            <span>{valueOf(each.edges[each.edges.length - 1], info)}</span>
          </span>
        </div>
      ))}
    </div>
  );
}

function Groups(props: {
  found: GroupScore[];
  labels: Map<string, string>;
  info: MetricInfo;
}): JSX.Element {
  const { found, labels, info } = props;
  const groups = [...new Map(found.map(each => [each.group, each.order]))]
    .sort((a, b) => a[1] - b[1])
    .map(([group]) => group);
  return (
    <div className="jp-FtStudio-groups">
      {groups.map(group => (
        <div key={group}>
          <h4>{group}</h4>
          <Dots
            info={info}
            points={found
              .filter(each => each.group === group)
              .map(each => ({
                label: labels.get(each.system) ?? each.system,
                estimate: each.estimate
              }))}
          />
        </div>
      ))}
    </div>
  );
}

function Confusion(props: {
  labels: string[];
  counts: number[][];
}): JSX.Element {
  const { labels, counts } = props;
  const most = Math.max(1, ...counts.flat());
  return (
    <div className="jp-FtStudio-tableBox">
      <table className="jp-FtStudio-table jp-FtStudio-confusion">
        <thead>
          <tr>
            <th />
            {labels.map(label => (
              <th key={label} scope="col">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {counts.map((row, expected) => (
            <tr key={labels[expected]}>
              <th scope="row">{labels[expected]}</th>
              {row.map((count, answered) => (
                <td
                  key={answered}
                  data-number="true"
                  data-right={expected === answered}
                  style={{ '--share': count / most } as React.CSSProperties}
                >
                  {formatNumber(count)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
