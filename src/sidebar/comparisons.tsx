import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { ComparisonSummary } from '../api';
import { formatAgo, formatNumber } from '../format';
import { compareIcon } from '../icons';
import { useStudio } from '../shell/context';
import { useModels } from '../state';
import { Mark, Row } from './row';
import { Section } from './section';

/** Kept comparisons, newest first. */
export function Comparisons(): JSX.Element {
  const studio = useStudio();
  const { trans, comparisons } = studio;
  useModels(comparisons);
  const add = () => studio.openCompare();
  return (
    <Section
      id="comparisons"
      title={trans.__('Comparisons')}
      lists={[comparisons]}
      add={{ label: trans.__('Compare models'), onClick: add }}
      empty={{
        text: trans.__('Models and adapters answer the same question.'),
        action: trans.__('Compare models'),
        onClick: add
      }}
    >
      <ul className="jp-FtStudio-list">
        {comparisons.items.map(comparison => (
          <Row
            key={comparison.id}
            kind="comparison"
            id={comparison.id}
            name={comparison.name}
            onOpen={() => studio.openCompare({ id: comparison.id })}
            mark={<Mark icon={compareIcon} />}
            detail={comparisonDetail(comparison, trans)}
            title={comparisonTitle(comparison, trans)}
          />
        ))}
      </ul>
    </Section>
  );
}

function comparisonDetail(
  { columns, rows, votes, state, error, created_at }: ComparisonSummary,
  trans: TranslationBundle
): string {
  if (state === 'failed') {
    return error?.message ?? trans.__('Failed');
  }
  return [
    trans._n('1 column', '%1 columns', columns.length, columns.length),
    rows > 1 ? trans.__('%1 rows', formatNumber(rows)) : '',
    state === 'running' ? trans.__('answering…') : '',
    state === 'cancelled' ? trans.__('cancelled') : '',
    votes.length
      ? trans._n('1 vote', '%1 votes', votes.length, votes.length)
      : '',
    formatAgo(created_at, trans)
  ]
    .filter(Boolean)
    .join(' · ');
}

function comparisonTitle(
  comparison: ComparisonSummary,
  trans: TranslationBundle
): string {
  const { name, columns, dataset_name } = comparison;
  return [
    name,
    comparisonDetail(comparison, trans),
    columns.map(column => column.label).join(', '),
    dataset_name ? trans.__('Dataset: %1', dataset_name) : ''
  ]
    .filter(Boolean)
    .join('\n');
}
