import * as React from 'react';

import type { CheckedSample } from '../api';
import { byWeight, Checks } from '../components';
import { formatNumber } from '../format';
import { useStudio } from '../shell/context';
import type { PromptModel } from './model';

/** What the checks found over a sample of rows, with buttons for what we can mend. */
export function Findings({
  model
}: {
  model: PromptModel;
}): JSX.Element | null {
  const { trans } = useStudio();
  const { preview } = model;
  const { checks, checked, answer } = preview;
  if (!checked && !checks.length) {
    return null;
  }
  return (
    <section
      className="jp-FtStudio-findings"
      aria-label={trans.__('Checks')}
      aria-busy={preview.checking}
    >
      <h2>{trans.__('Checks')}</h2>
      <Checks
        checks={byWeight(checks)}
        fixOf={check => {
          const apply = model.remedy(check.fix);
          return check.fix && apply && { label: check.fix.label, apply };
        }}
        onRow={row => answer && void preview.go(answer.split, row)}
      />
      <p className="jp-FtStudio-help" role="status">
        {!checks.length && trans.__('Nothing to mend.')}{' '}
        {checked && sampleWords(checked, trans)}
      </p>
    </section>
  );
}

function sampleWords(
  { rows, total }: CheckedSample,
  trans: ReturnType<typeof useStudio>['trans']
): string {
  return rows < total
    ? trans.__(
        'Looked at %1 of %2 rows.',
        formatNumber(rows),
        formatNumber(total)
      )
    : trans.__('Looked at all %1 rows.', formatNumber(rows));
}
