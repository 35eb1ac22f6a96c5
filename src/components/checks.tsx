import * as React from 'react';

import type { Check } from '../api';
import { formatNumber } from '../format';
import { useStudio } from '../shell/context';
import { Button } from './button';

/** What a check, or a warning of a run, says. */
export type Notice = Pick<Check, 'level' | 'message' | 'remedy'> &
  Partial<Pick<Check, 'rows'>>;

/** More rows than this are not named. */
const ROWS = 3;

const ORDER: Notice['level'][] = ['blocking', 'warning', 'info'];

/** Blocking ones first, then warnings, then notes. */
export function byWeight<T extends Notice>(checks: readonly T[]): T[] {
  return [...checks].sort(
    (a, b) => ORDER.indexOf(a.level) - ORDER.indexOf(b.level)
  );
}

/** Findings with their causes and remedies, and a button where we can do what the remedy says. */
export function Checks<T extends Notice>(props: {
  checks: readonly T[];
  label?: string;
  /** The button of a check, if it has one. */
  fixOf?: (check: T) => { label: string; apply: () => void } | null;
  /** Shows a row that a check was found in. */
  onRow?: (row: number) => void;
}): JSX.Element | null {
  const { trans } = useStudio();
  const { checks, fixOf, onRow } = props;
  if (!checks.length) {
    return null;
  }
  const words: Record<Notice['level'], string> = {
    blocking: trans.__('Stands in the way'),
    warning: trans.__('Warning'),
    info: trans.__('Note')
  };
  return (
    <ul
      className="jp-FtStudio-checks"
      aria-label={props.label ?? trans.__('Checks')}
    >
      {checks.map((check, index) => {
        const fix = fixOf?.(check);
        return (
          <li key={index} data-level={check.level}>
            <span
              className="jp-FtStudio-checks-mark"
              role="img"
              aria-label={words[check.level]}
              title={words[check.level]}
            />
            <span>
              {check.message}
              {check.remedy && (
                <span className="jp-FtStudio-help"> {check.remedy}</span>
              )}
              {onRow && <Rows rows={check.rows ?? []} onRow={onRow} />}
            </span>
            {fix && <Button label={fix.label} onClick={fix.apply} />}
          </li>
        );
      })}
    </ul>
  );
}

/** Some of the rows that a check was found in. */
function Rows(props: {
  rows: readonly number[];
  onRow: (row: number) => void;
}): JSX.Element {
  const { trans } = useStudio();
  const shown = props.rows.slice(0, ROWS).sort((a, b) => a - b);
  return (
    <>
      {shown.map((row, index) => (
        <React.Fragment key={row}>
          {index ? ' · ' : ' '}
          <Button
            kind="plain"
            label={trans.__('Row %1', formatNumber(row + 1))}
            onClick={() => props.onRow(row)}
          />
        </React.Fragment>
      ))}
    </>
  );
}
