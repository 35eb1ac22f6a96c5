import * as React from 'react';

import type { CheckedSample, Preview, PreviewRow } from '../api';
import {
  Button,
  byWeight,
  CheckboxField,
  Checks,
  ErrorBox,
  Tabs
} from '../components';
import { formatNumber } from '../format';
import { randomIcon } from '../icons';
import { useStudio } from '../shell/context';
import { isWhole } from './draft';
import { whatIsMissing } from './editor';
import { Look } from './look';
import type { PromptModel } from './model';
import type { RowPreview } from './preview';
import { Stepper } from './stepper';
import { Legend, Tokens } from './tokens';

type Panel = 'text' | 'tokens';

/** Right half of the prompt tab: rows of the dataset as the templates stand, and the checks. */
export function PromptExample({ model }: { model: PromptModel }): JSX.Element {
  const { trans } = useStudio();
  const { preview } = model;
  const { answer, error } = preview;
  const [panel, setPanel] = React.useState<Panel>('text');
  const atField = /^(prompt_template|completion_template|messages)/.test(
    error?.field ?? ''
  );
  return (
    <section
      className="jp-FtStudio-example"
      aria-label={trans.__('Prompt example')}
      aria-busy={preview.asking}
    >
      <Look preview={preview} />
      <div className="jp-FtStudio-exampleBar">
        <Button
          icon={randomIcon}
          label={trans.__('Generate prompt example')}
          title={trans.__('Another row at random')}
          why={whyNot(model, trans)}
          onClick={() => void preview.random()}
        />
        {answer && (
          <Stepper preview={preview} answer={answer} dataset={model.dataset} />
        )}
        <span
          className="jp-FtStudio-spinner"
          data-idle={!preview.asking}
          aria-hidden="true"
        />
      </div>
      <Tabs
        label={trans.__('Shown as')}
        tabs={[
          ['text', trans.__('Text')],
          ['tokens', trans.__('Tokens')]
        ]}
        value={panel}
        onChange={setPanel}
      >
        {error && !atField && <ErrorBox error={error} />}
        {answer ? (
          <div data-stale={error !== null}>
            {panel === 'text' ? (
              <Texts answer={answer} />
            ) : (
              <TokenPanel model={model} answer={answer} />
            )}
          </div>
        ) : (
          <p className="jp-FtStudio-muted">
            {trans.__(
              'One row of the dataset appears here as the model will see it.'
            )}
          </p>
        )}
      </Tabs>
      <Findings model={model} />
    </section>
  );
}

function whyNot(
  model: PromptModel,
  trans: ReturnType<typeof useStudio>['trans']
): string | null {
  if (!model.draft.dataset) {
    return trans.__('Choose a dataset first');
  }
  return isWhole(model.draft) ? null : whatIsMissing(model, trans);
}

/** Question and answer of the first row, and the values they were made of. */
function Texts({ answer }: { answer: Preview }): JSX.Element {
  const { trans } = useStudio();
  return (
    <>
      <h2>{trans.__('Prompt')}</h2>
      <pre className="jp-FtStudio-rendered">{answer.prompt}</pre>
      <h2>{trans.__('Completion')}</h2>
      <pre className="jp-FtStudio-rendered jp-mod-completion">
        {answer.completion}
      </pre>
      <details className="jp-FtStudio-details">
        <summary>{trans.__('Row values')}</summary>
        <dl className="jp-FtStudio-facts">
          {Object.entries(answer.values).map(([name, value]) => (
            <React.Fragment key={name}>
              <dt>{name}</dt>
              <dd>
                {typeof value === 'string' ? value : JSON.stringify(value)}
              </dd>
            </React.Fragment>
          ))}
        </dl>
      </details>
    </>
  );
}

/** The rows as tokens; or why there are none. */
function TokenPanel(props: {
  model: PromptModel;
  answer: Preview;
}): JSX.Element {
  const { trans } = useStudio();
  const { preview } = props.model;
  const { answer } = props;
  const all: PreviewRow[] = answer.rows.length ? answer.rows : [answer];
  const rows = preview.many ? all : all.slice(0, 1);
  const views = rows.flatMap(row => row.tokens ?? []);
  return (
    <>
      <div className="jp-FtStudio-tokenBar">
        <CheckboxField
          label={trans.__('Five rows')}
          value={preview.many}
          onChange={many => preview.look({ many })}
        />
        {views.length > 0 && <Legend views={views} />}
      </div>
      {preview.tokensError ? (
        <ErrorBox
          error={preview.tokensError}
          retry={() => void preview.refresh()}
        />
      ) : views.length ? (
        rows.map(row => <TokenRow key={row.row} row={row} answer={answer} />)
      ) : (
        <p className="jp-FtStudio-muted" role="status">
          {whyNoTokens(preview, trans)}
        </p>
      )}
    </>
  );
}

function whyNoTokens(
  preview: RowPreview,
  trans: ReturnType<typeof useStudio>['trans']
): string {
  if (!preview.model) {
    return trans.__('Choose a base model to see its tokens.');
  }
  return preview.warm
    ? trans.__('This model cannot read the prompt; the checks below say why.')
    : trans.__('Reading the tokenizer…');
}

function TokenRow(props: {
  row: PreviewRow;
  answer: Preview;
}): JSX.Element | null {
  const { trans } = useStudio();
  const { row, answer } = props;
  const name = trans.__('%1 · row %2', answer.split, formatNumber(row.row + 1));
  return (
    row.tokens && (
      <>
        <h2>{name}</h2>
        <Tokens view={row.tokens} label={trans.__('Tokens of %1', name)} />
      </>
    )
  );
}

/** What the checks found over a sample of rows, with buttons for what we can mend. */
function Findings({ model }: { model: PromptModel }): JSX.Element | null {
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
