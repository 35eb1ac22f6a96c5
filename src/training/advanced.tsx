import * as React from 'react';

import { SelectField } from '../components';
import { useStudio } from '../shell/context';
import { FieldInput } from './field';
import type { TrainForm } from './form';
import { groupTitle } from './labels';
import type { TrainModel } from './model';
import { PYTHON, RESOURCES } from './python';
import type { IFieldSpec } from './schema';

/** Groups of the advanced part, in this order; what is new in the schema follows. */
const ORDER = [
  'training',
  'lora',
  'quantization',
  'optimizer',
  'data',
  'evaluation',
  'checkpoints'
];
/** Shown in the simple part of the form. */
export const SIMPLE = [
  'method',
  'max_length',
  'effective_batch_size',
  'epochs',
  'max_steps',
  'learning_rate',
  'evaluation.strategy'
];
const PLACED = new Set([
  ...SIMPLE,
  'name',
  'base_model',
  'dataset',
  'prompt',
  'data.split',
  'data.fraction',
  'evaluation.steps' // beside the strategy, when it is by steps
]);

/** The groups of the advanced part with their fields. */
export function advancedGroups(form: TrainForm): [string, IFieldSpec[]][] {
  const fields = form.fields.filter(field => !PLACED.has(field.path));
  const groups = [...new Set(fields.map(field => field.group))];
  groups.sort((a, b) => rank(a) - rank(b));
  return groups.map(group => [
    group,
    fields.filter(field => field.group === group)
  ]);
}

function rank(group: string): number {
  const index = ORDER.indexOf(group);
  return index < 0 ? ORDER.length : index;
}

/** Everything that most people leave as it is, folded, with what was changed counted. */
export function Advanced(props: {
  model: TrainModel;
  form: TrainForm;
}): JSX.Element {
  const { model, form } = props;
  const { trans } = useStudio();
  const groups = advancedGroups(form);
  const count = groups
    .flatMap(([, fields]) => fields)
    .filter(field => form.isChanged(field)).length;
  const error = form.errorPath();
  const hasError = groups.some(([, fields]) => holdsError(fields, error));
  return (
    <Fold
      className="jp-FtStudio-advanced"
      title={
        count ? trans.__('Advanced (%1 changed)', count) : trans.__('Advanced')
      }
      forced={hasError}
    >
      {groups
        .filter(
          ([group, fields]) =>
            isUseful(group, model, form) || holdsError(fields, error)
        )
        .map(([group, fields]) => (
          <Group
            key={group}
            model={model}
            form={form}
            group={group}
            fields={fields}
            forced={holdsError(fields, error)}
          />
        ))}
    </Fold>
  );
}

/** 4-bit settings mean nothing to a base model in 16 bits, nor a choice of one Python. */
function isUseful(group: string, model: TrainModel, form: TrainForm): boolean {
  if (group === RESOURCES) {
    return model.pythons.isUseful(form.text(PYTHON));
  }
  return group !== 'quantization' || form.text('method') === 'qlora';
}

function holdsError(fields: IFieldSpec[], path: string | null): boolean {
  return fields.some(field => field.path === path);
}

function Group(props: {
  model: TrainModel;
  form: TrainForm;
  group: string;
  fields: IFieldSpec[];
  forced: boolean;
}): JSX.Element {
  const { model, form, group, fields } = props;
  const { trans } = useStudio();
  const count = fields.filter(field => form.isChanged(field)).length;
  const title = groupTitle(group, trans);
  return (
    <Fold
      title={count ? trans.__('%1 (%2 changed)', title, count) : title}
      forced={props.forced}
    >
      <div className="jp-FtStudio-fields">
        {fields.map(field =>
          field.path === PYTHON ? (
            <PythonInput key={PYTHON} model={model} form={form} />
          ) : (
            <FieldInput key={field.path} form={form} path={field.path} />
          )
        )}
      </div>
    </Fold>
  );
}

function PythonInput(props: {
  model: TrainModel;
  form: TrainForm;
}): JSX.Element {
  const { model, form } = props;
  const { trans } = useStudio();
  const field = form.field(PYTHON);
  const chosen = form.text(PYTHON);
  return (
    <SelectField
      label={field?.title ?? ''}
      help={field?.description}
      error={form.problem(PYTHON)}
      value={chosen}
      choices={model.pythons.choices(chosen, trans)}
      onChange={value => form.set(PYTHON, value)}
      className={`jp-FtStudio-mod-wide ${chosen ? 'jp-FtStudio-mod-changed' : ''}`}
    />
  );
}

/** Something folded, which opens by itself when there is a mistake inside. */
function Fold(props: {
  title: string;
  forced: boolean;
  className?: string;
  children: React.ReactNode;
}): JSX.Element {
  const [open, setOpen] = React.useState(false);
  React.useEffect(() => {
    if (props.forced) {
      setOpen(true);
    }
  }, [props.forced]);
  return (
    <details
      className={`jp-FtStudio-details ${props.className ?? ''}`}
      open={open}
      onToggle={event => setOpen(event.currentTarget.open)}
    >
      <summary>{props.title}</summary>
      {open && props.children}
    </details>
  );
}
