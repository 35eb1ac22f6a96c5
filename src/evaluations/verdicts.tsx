import * as React from 'react';

import type { Metrics } from '../api';
import { useStudio } from '../shell/context';
import { pOf } from './numbers';

/** Each system against the baseline, in a sentence; then what to keep in mind. */
export function Verdicts({ metrics }: { metrics: Metrics }): JSX.Element {
  const { trans } = useStudio();
  const { verdicts, verdict, notes } = metrics;
  return (
    <section className="jp-FtStudio-verdicts" aria-label={trans.__('Verdict')}>
      {verdicts.length === 0 && verdict && <p>{verdict}</p>}
      {verdicts.map(found => (
        <p
          key={found.system}
          data-verdict={found.verdict}
          title={[found.test, pOf(found.p_value)].filter(Boolean).join(', ')}
        >
          {found.sentence}
          {found.p_adjusted !== null && found.p_adjusted !== found.p_value && (
            <span className="jp-FtStudio-help">
              {' '}
              {trans.__(
                '%1 after Holm’s correction for several adapters.',
                pOf(found.p_adjusted)
              )}
            </span>
          )}
        </p>
      ))}
      {notes.length > 0 && (
        <ul className="jp-FtStudio-notes">
          {notes.map(note => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
    </section>
  );
}
