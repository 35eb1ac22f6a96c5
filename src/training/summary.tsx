import * as React from 'react';

import { Button, ErrorBox } from '../components';
import { formatNumber } from '../format';
import { useStudio } from '../shell/context';
import type { TrainForm } from './form';
import type { TrainModel } from './model';
import type { Check, Outlook } from './outlook';
import { outlookOf, sentenceOf, whyNot } from './outlook';

/** What will happen, what to know before, and the button that makes it happen. */
export function Summary(props: {
  model: TrainModel;
  form: TrainForm;
  start: () => void;
}): JSX.Element {
  const { model, form } = props;
  const { status, trans } = useStudio();
  const { choices } = model;
  const outlook = outlookOf({
    form,
    dataset: choices.dataset(form.text('dataset')),
    model: choices.model(form.text('base_model')),
    prompt: choices.prompt(form.text('prompt')),
    status: status.value,
    trans
  });
  const why = whyNot(outlook, form, trans);
  const sentence = sentenceOf(outlook, form, trans);
  const elsewhere = form.error && !form.errorPath();
  return (
    <aside
      className="jp-FtStudio-summary"
      aria-label={trans.__('Summary of the run')}
    >
      <h2>{trans.__('What will happen')}</h2>
      <p className="jp-FtStudio-summary-sentence">
        {sentence ?? trans.__('Choose a base model, a dataset and a prompt.')}
      </p>
      <Numbers outlook={outlook} />
      <Checks checks={outlook.checks} />
      {elsewhere && <ErrorBox error={form.error} />}
      <div className="jp-FtStudio-summary-start">
        <Button
          kind="primary"
          label={
            model.busy ? trans.__('Starting…') : trans.__('Start training')
          }
          why={why}
          busy={model.busy}
          onClick={props.start}
        />
        {why && (
          <span className="jp-FtStudio-help" role="status">
            {why}
          </span>
        )}
      </div>
    </aside>
  );
}

function Numbers({ outlook }: { outlook: Outlook }): JSX.Element | null {
  const { trans } = useStudio();
  const { counts, steps } = outlook;
  if (!counts) {
    return null;
  }
  const rows = [
    partRow(trans.__('Train'), counts.train, counts.split, false),
    partRow(
      trans.__('Validation'),
      counts.validation,
      counts.ownValidation ?? counts.split,
      !counts.ownValidation
    ),
    partRow(
      trans.__('Test'),
      counts.test,
      counts.ownTest ?? counts.split,
      !counts.ownTest
    )
  ];
  return (
    <dl className="jp-FtStudio-facts">
      <dt>{trans.__('Rows')}</dt>
      <dd>
        {rows.map(row => (
          <div
            key={row.word}
            title={row.isCut ? cutTitle(row.split) : row.split}
          >
            <span>{row.word}</span> <b>{formatNumber(row.count)}</b>
          </div>
        ))}
      </dd>
      {steps && (
        <>
          <dt>{trans.__('Effective batch')}</dt>
          <dd>
            {trans.__(
              '%1 per device × %2 accumulated',
              formatNumber(steps.perDevice),
              formatNumber(steps.accumulation)
            )}
          </dd>
          <dt>{trans.__('Steps')}</dt>
          <dd
            title={trans.__(
              'Rows longer than the max sequence length are left out, which makes it fewer.'
            )}
          >
            {trans.__(
              'about %1 (%2 an epoch)',
              formatNumber(steps.total),
              formatNumber(steps.perEpoch)
            )}
          </dd>
        </>
      )}
    </dl>
  );

  function cutTitle(split: string): string {
    return trans.__('Drawn from the split %1, by the seed', split);
  }
}

function partRow(
  word: string,
  count: number,
  split: string,
  isCut: boolean
): { word: string; count: number; split: string; isCut: boolean } {
  return { word, count, split, isCut };
}

function Checks({ checks }: { checks: Check[] }): JSX.Element | null {
  const { trans } = useStudio();
  if (!checks.length) {
    return null;
  }
  const words: Record<Check['level'], string> = {
    block: trans.__('Blocks the start'),
    warn: trans.__('Warning'),
    info: trans.__('Note')
  };
  return (
    <ul className="jp-FtStudio-checks" aria-label={trans.__('Checks')}>
      {checks.map(check => (
        <li key={check.message} data-level={check.level}>
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
          </span>
        </li>
      ))}
    </ul>
  );
}
