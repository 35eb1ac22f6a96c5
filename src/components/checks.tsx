import * as React from 'react';

import type { Check } from '../api';
import { useStudio } from '../shell/context';
import { Button } from './button';

/** What a check, or a warning of a run, says. */
export type Notice = Pick<Check, 'level' | 'message' | 'remedy'>;

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
}): JSX.Element | null {
  const { trans } = useStudio();
  const { checks, fixOf } = props;
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
            <span className="jp-FtStudio-checks-words">
              {check.message}
              {check.remedy && (
                <span className="jp-FtStudio-help"> {check.remedy}</span>
              )}
            </span>
            {fix && <Button label={fix.label} onClick={fix.apply} />}
          </li>
        );
      })}
    </ul>
  );
}
