import * as React from 'react';

import type { Preview, PreviewRow } from '../api';
import { ErrorBox } from '../components';
import { formatNumber } from '../format';
import { useStudio } from '../shell/context';
import type { RowPreview } from './preview';
import { Legend, Tokens } from './tokens';

type Trans = ReturnType<typeof useStudio>['trans'];

/** Question and answer of the rows, and the values they were made of. */
export function TextPanel({ answer }: { answer: Preview }): JSX.Element {
  const { trans } = useStudio();
  const rows = rowsOf(answer);
  return (
    <>
      {rows.map(row => (
        <React.Fragment key={row.row}>
          <h2>
            {rows.length > 1 ? nameOf(answer, row, trans) : trans.__('Prompt')}
          </h2>
          <pre className="jp-FtStudio-rendered">{row.prompt}</pre>
          {rows.length === 1 && <h2>{trans.__('Completion')}</h2>}
          <pre
            className="jp-FtStudio-rendered jp-mod-completion"
            title={trans.__('What the model learns to write')}
          >
            {row.completion}
          </pre>
          <Values row={row} />
        </React.Fragment>
      ))}
    </>
  );
}

function Values({ row }: { row: PreviewRow }): JSX.Element {
  const { trans } = useStudio();
  return (
    <details className="jp-FtStudio-details">
      <summary>{trans.__('Row values')}</summary>
      <dl className="jp-FtStudio-facts">
        {Object.entries(row.values).map(([name, value]) => (
          <React.Fragment key={name}>
            <dt>{name}</dt>
            <dd>{typeof value === 'string' ? value : JSON.stringify(value)}</dd>
          </React.Fragment>
        ))}
      </dl>
    </details>
  );
}

/** The rows as tokens; or why there are none. */
export function TokenPanel(props: {
  preview: RowPreview;
  answer: Preview;
}): JSX.Element {
  const { trans } = useStudio();
  const { preview, answer } = props;
  const rows = rowsOf(answer);
  const views = rows.flatMap(row => row.tokens ?? []);
  if (preview.tokensError) {
    return (
      <ErrorBox
        error={preview.tokensError}
        retry={() => void preview.refresh()}
      />
    );
  }
  if (!views.length) {
    return (
      <p className="jp-FtStudio-muted" role="status">
        {whyNoTokens(preview, trans)}
      </p>
    );
  }
  return (
    <>
      <Legend views={views} />
      {rows.map(row => (
        <TokenRow key={row.row} row={row} name={nameOf(answer, row, trans)} />
      ))}
    </>
  );
}

function TokenRow(props: {
  row: PreviewRow;
  name: string;
}): JSX.Element | null {
  const { trans } = useStudio();
  const { row, name } = props;
  return (
    row.tokens && (
      <>
        <h2>{name}</h2>
        <Tokens view={row.tokens} label={trans.__('Tokens of %1', name)} />
      </>
    )
  );
}

function whyNoTokens(preview: RowPreview, trans: Trans): string {
  if (!preview.model) {
    return trans.__('Choose a base model to see its tokens.');
  }
  return preview.warm
    ? trans.__('This model cannot read the prompt; the checks below say why.')
    : trans.__('Reading the tokenizer…');
}

/** All rows of an answer; an answer is its own first row. */
function rowsOf(answer: Preview): PreviewRow[] {
  return answer.rows.length ? answer.rows : [answer];
}

function nameOf(answer: Preview, row: PreviewRow, trans: Trans): string {
  return trans.__('%1 · row %2', answer.split, formatNumber(row.row + 1));
}
