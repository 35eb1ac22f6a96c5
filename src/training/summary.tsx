import { codeIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { Preflight } from '../api';
import { Button, Checks, ErrorBox } from '../components';
import { formatNumber } from '../format';
import { useStudio } from '../shell/context';
import { CommandIDs } from '../tokens';
import type { TrainForm } from './form';
import { MemorySummary } from './memorybar';
import { remedyOf } from './mend';
import type { TrainModel } from './model';
import { checksOf, sentenceOf, whyNot } from './outlook';

/** What will happen, what to know before, and the button that makes it happen. */
export function Summary(props: {
  model: TrainModel;
  form: TrainForm;
  start: () => void;
}): JSX.Element {
  const { model, form } = props;
  const { status, trans } = useStudio();
  const { choices, preflight } = model;
  const input = {
    form,
    preflight,
    dataset: choices.dataset(form.text('dataset')),
    model: choices.model(form.text('base_model')),
    status: status.value,
    trans
  };
  const why = whyNot(input);
  const elsewhere = form.error && !form.errorPath();
  return (
    <aside
      className="jp-FtStudio-summary"
      aria-label={trans.__('Summary of the run')}
    >
      <h2>{trans.__('What will happen')}</h2>
      <p className="jp-FtStudio-summary-sentence">
        {sentenceOf(input) ?? why ?? trans.__('Counting…')}
      </p>
      {preflight && <Numbers preflight={preflight} />}
      <MemorySummary model={model.memory} form={form} />
      <Checks
        checks={checksOf(input)}
        fixOf={check => remedyOf(model, check)}
      />
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
        <ShowCode form={form} why={why} />
        {why && sentenceOf(input) && (
          <span className="jp-FtStudio-help" role="status">
            {why}
          </span>
        )}
      </div>
    </aside>
  );
}

/** The form as a cell, a call, a script …, to keep or to run elsewhere. */
function ShowCode(props: { form: TrainForm; why: string | null }): JSX.Element {
  const { form, why } = props;
  const studio = useStudio();
  const incomplete = form.missing().length + form.invalid().length > 0;
  const show = () => {
    const draft = { spec: form.spec(), resources: form.resources() };
    studio.execute(CommandIDs.showCode, { draft: JSON.stringify(draft) });
  };
  return (
    <Button
      icon={codeIcon}
      label={studio.trans.__('Show code')}
      title={studio.trans.__('The same run as a cell, a call, or a script')}
      why={incomplete ? why : null}
      onClick={show}
    />
  );
}

function Numbers({ preflight }: { preflight: Preflight }): JSX.Element | null {
  const { trans } = useStudio();
  const { rows, steps } = preflight;
  if (!rows) {
    return null;
  }
  const parts: [string, number, string | null][] = [
    [trans.__('Train'), rows.train, rows.train_split],
    [trans.__('Validation'), rows.validation, rows.validation_split],
    [trans.__('Test'), rows.test, rows.test_split]
  ];
  return (
    <dl className="jp-FtStudio-facts">
      <dt>{trans.__('Rows')}</dt>
      <dd>
        {parts.map(([word, count, split]) => (
          <div
            key={word}
            title={split ? trans.__('From the split %1', split) : undefined}
          >
            <span>{word}</span> <b>{formatNumber(count)}</b>
          </div>
        ))}
      </dd>
      {steps && (
        <>
          <dt>{trans.__('Batch')}</dt>
          <dd>
            {trans.__(
              '%1 = %2 per device × %3 accumulated',
              formatNumber(steps.effective_batch_size),
              formatNumber(steps.per_device_batch_size),
              formatNumber(steps.accumulation_steps)
            )}
          </dd>
          <dt>{trans.__('Steps')}</dt>
          <dd
            title={trans.__(
              'Rows longer than the max sequence length are left out, which can make it fewer.'
            )}
          >
            {trans.__(
              '%1 (%2 epochs of %3)',
              formatNumber(steps.total_steps),
              formatNumber(Number(steps.epochs.toFixed(2))),
              formatNumber(steps.steps_per_epoch)
            )}
          </dd>
        </>
      )}
    </dl>
  );
}
