import * as React from 'react';

import { useStudio } from '../shell/context';
import { FieldInput } from './field';
import type { TrainForm } from './form';
import { groupTitle } from './labels';
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
export function Advanced({ form }: { form: TrainForm }): JSX.Element {
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
        .filter(([group]) => isUseful(group, form))
        .map(([group, fields]) => (
          <Group
            key={group}
            form={form}
            group={group}
            fields={fields}
            forced={holdsError(fields, error)}
          />
        ))}
    </Fold>
  );
}

/** 4-bit settings mean nothing to a base model in 16 bits. */
function isUseful(group: string, form: TrainForm): boolean {
  return group !== 'quantization' || form.text('method') === 'qlora';
}

function holdsError(fields: IFieldSpec[], path: string | null): boolean {
  return fields.some(field => field.path === path);
}

function Group(props: {
  form: TrainForm;
  group: string;
  fields: IFieldSpec[];
  forced: boolean;
}): JSX.Element {
  const { form, group, fields } = props;
  const { trans } = useStudio();
  const count = fields.filter(field => form.isChanged(field)).length;
  const title = groupTitle(group, trans);
  return (
    <Fold
      title={count ? trans.__('%1 (%2 changed)', title, count) : title}
      forced={props.forced}
    >
      <div className="jp-FtStudio-fields">
        {fields.map(field => (
          <FieldInput key={field.path} form={form} path={field.path} />
        ))}
      </div>
    </Fold>
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
