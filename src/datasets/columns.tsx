import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { ColumnProfile, Profile, Quantiles } from '../api';
import { formatNumber, formatPercent } from '../format';
import { useStudio } from '../shell/context';
import { Bars } from './bars';

const TOP = 3;

/** What each column holds: nulls, distinct values, lengths, the most frequent values. */
export function Columns({ profile }: { profile: Profile }): JSX.Element {
  const { trans } = useStudio();
  return (
    <div
      className="jp-FtStudio-tableBox"
      tabIndex={0}
      role="group"
      aria-label={trans.__('Columns')}
    >
      <table className="jp-FtStudio-table jp-FtStudio-columnTable">
        <thead>
          <tr>
            <th scope="col">{trans.__('Column')}</th>
            <th scope="col">{trans.__('Empty')}</th>
            <th scope="col">{trans.__('Distinct')}</th>
            <th scope="col">{trans.__('Lengths')}</th>
            <th scope="col">{trans.__('Least · median · 95 % · most')}</th>
            <th scope="col">{trans.__('Most frequent')}</th>
          </tr>
        </thead>
        <tbody>
          {profile.columns.map(column => (
            <ColumnRow key={column.name} column={column} rows={profile.rows} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ColumnRow(props: {
  column: ColumnProfile;
  rows: number;
}): JSX.Element {
  const { trans } = useStudio();
  const { column, rows } = props;
  return (
    <tr>
      <th scope="row">
        {column.name}
        <span className="jp-FtStudio-type">{column.type}</span>
        {column.used === false && (
          <span
            className="jp-FtStudio-badge"
            title={trans.__('The prompt that was checked does not ask for it')}
          >
            {trans.__('unused')}
          </span>
        )}
      </th>
      <td data-number="true" title={emptyWords(column, trans)}>
        {emptyShare(column, rows)}
      </td>
      <td data-number="true">
        {column.distinct_is_estimate ? '≈ ' : ''}
        {formatNumber(column.distinct)}
      </td>
      <td>
        {column.histogram && (
          <Bars
            histogram={column.histogram}
            unit={trans.__('characters')}
            label={trans.__('Lengths of %1', column.name)}
          />
        )}
      </td>
      <td>{spread(column, trans)}</td>
      <td>
        <TopValues column={column} rows={rows} />
      </td>
    </tr>
  );
}

function emptyWords(column: ColumnProfile, trans: TranslationBundle): string {
  return trans.__(
    '%1 without a value, %2 blank',
    formatNumber(column.nulls),
    formatNumber(column.blank)
  );
}

/** Rows that hold nothing, with their share. */
export function emptyShare(column: ColumnProfile, rows: number): string {
  const empty = column.nulls + column.blank;
  if (!empty || !rows) {
    return '0';
  }
  const share = empty / rows;
  const percent = share < 0.01 ? '< 1 %' : formatPercent(share);
  return `${formatNumber(empty)} (${percent})`;
}

function spread(
  column: ColumnProfile,
  trans: TranslationBundle
): React.ReactNode {
  const { characters, numbers } = column;
  const found = characters ?? numbers;
  if (!found) {
    return null;
  }
  const unit = characters ? ` ${trans.__('characters')}` : '';
  return <span title={quantileWords(found, trans)}>{short(found) + unit}</span>;
}

function short({ min, p50, p95, max }: Quantiles): string {
  return min === max
    ? formatNumber(min)
    : `${formatNumber(min)} · ${formatNumber(p50)} · ${formatNumber(p95)} · ${formatNumber(max)}`;
}

function quantileWords(found: Quantiles, trans: TranslationBundle): string {
  return [
    [trans.__('least'), found.min],
    ['25 %', found.p25],
    ['50 %', found.p50],
    ['75 %', found.p75],
    ['95 %', found.p95],
    ['99 %', found.p99],
    [trans.__('most'), found.max],
    [trans.__('mean'), found.mean]
  ]
    .map(([name, value]) => `${name}: ${formatNumber(value as number)}`)
    .join('\n');
}

function TopValues(props: {
  column: ColumnProfile;
  rows: number;
}): JSX.Element {
  const { column, rows } = props;
  const all = column.top
    .map(({ value, count }) => `${value}: ${formatNumber(count)}`)
    .join('\n');
  return (
    <span className="jp-FtStudio-top" title={all}>
      {column.top.slice(0, TOP).map(({ value, count }) => (
        <span key={String(value)}>
          <span className="jp-FtStudio-topValue">{String(value)}</span>
          <span className="jp-FtStudio-muted">
            {rows ? formatPercent(count / rows) : formatNumber(count)}
          </span>
        </span>
      ))}
    </span>
  );
}
