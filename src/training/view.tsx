import * as React from 'react';

import { ErrorBox, TextField } from '../components';
import { useStudio } from '../shell/context';
import { TabHead } from '../shell/record';
import { useModels } from '../state';
import { Advanced, SIMPLE } from './advanced';
import { FieldInput } from './field';
import type { TrainForm } from './form';
import type { TrainModel } from './model';
import { BaseModelPicker, DatasetPicker, PromptPicker } from './pickers';
import { Presets } from './presets';
import { PromptRow } from './promptrow';
import { Summary } from './summary';

/** The train tab: the form on the left, what will come of it on the right. */
export function TrainView(props: {
  model: TrainModel;
  started: (jobId: string) => void;
}): JSX.Element {
  const { model } = props;
  const studio = useStudio();
  useModels(model, studio.status);
  const { form } = model;
  const start = async () => {
    const job = await model.start();
    if (job) {
      props.started(job);
    } else {
      focusError();
    }
  };
  const root = React.useRef<HTMLDivElement>(null);
  const focusError = () => {
    // The field may lie in a part that only opens with the next rendering.
    window.setTimeout(() => {
      const input = root.current?.querySelector<HTMLElement>(
        '[aria-invalid="true"]'
      );
      input?.focus();
    }, 100);
  };
  return (
    <div className="jp-FtStudio-page jp-FtStudio-train" ref={root}>
      {form ? (
        <div className="jp-FtStudio-train-columns">
          <Form model={model} form={form} />
          <Summary model={model} form={form} start={() => void start()} />
        </div>
      ) : model.error ? (
        <ErrorBox error={model.error} retry={() => void model.load()} />
      ) : (
        <p className="jp-FtStudio-help">{studio.trans.__('Loading…')}</p>
      )}
    </div>
  );
}

function Form(props: { model: TrainModel; form: TrainForm }): JSX.Element {
  const { model, form } = props;
  const { trans } = useStudio();
  return (
    <form
      className="jp-FtStudio-train-form"
      aria-label={trans.__('Training run')}
      onSubmit={event => event.preventDefault()}
    >
      <TabHead title={trans.__('New training run')} />
      <ErrorBox
        error={model.choices.error}
        retry={() => void model.choices.refresh()}
      />
      <Presets model={model} form={form} />
      <TextField
        label={trans.__('Name')}
        required
        value={form.text('name')}
        help={trans.__('Names the run and its adapter.')}
        error={form.problem('name')}
        onChange={name => model.rename(name)}
      />
      <BaseModelPicker model={model} form={form} />
      <DatasetPicker model={model} form={form} />
      <FieldInput form={form} path="data.fraction" />
      <PromptPicker model={model} form={form} />
      <PromptRow
        dataset={form.text('dataset')}
        prompt={form.text('prompt')}
        model={isChat(model, form) ? form.text('base_model') : ''}
      />
      <div className="jp-FtStudio-fields">
        {SIMPLE.map(path => (
          <FieldInput key={path} form={form} path={path} />
        ))}
        {form.text('evaluation.strategy') === 'steps' && (
          <FieldInput form={form} path="evaluation.steps" />
        )}
      </div>
      <Advanced model={model} form={form} />
    </form>
  );
}

/** Whether the prompt needs the base model's chat template to become text. */
function isChat({ choices }: TrainModel, form: TrainForm): boolean {
  return choices.prompt(form.text('prompt'))?.mode === 'chat';
}
