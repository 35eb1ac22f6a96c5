import * as React from 'react';

import {
  CheckboxField,
  NumberField,
  SelectField,
  TextAreaField,
  TextField
} from '../components';
import { useStudio } from '../shell/context';
import type { TrainForm } from './form';
import { choiceLabel } from './labels';
import type { IFieldSpec } from './schema';

type Props = { form: TrainForm; path: string };

/** The input for one field of the schema, with its label, unit, help and error. */
export function FieldInput({ form, path }: Props): JSX.Element | null {
  const field = form.field(path);
  return field ? <Input form={form} field={field} /> : null;
}

function Input(props: { form: TrainForm; field: IFieldSpec }): JSX.Element {
  const { form, field } = props;
  const { trans } = useStudio();
  const { path } = field;
  const shared = {
    label: field.title,
    help: field.description ? withCode(field.description) : undefined,
    hint: hintOf(field, trans.__('Default: %1')),
    error: form.problem(path),
    unit: field.unit || undefined,
    required: field.required,
    placeholder: field.placeholder || undefined,
    className: form.isChanged(field) ? 'jp-FtStudio-mod-changed' : undefined
  };
  switch (field.kind) {
    case 'integer':
    case 'number':
      return (
        <NumberField
          {...shared}
          value={form.number(path)}
          placeholder={shared.placeholder ?? emptyWord(field, trans.__('Auto'))}
          onChange={value => form.set(path, value)}
        />
      );
    case 'boolean':
      return (
        <CheckboxField
          {...shared}
          value={form.value(path) === true}
          onChange={value => form.set(path, value)}
        />
      );
    case 'choice':
      return (
        <SelectField
          {...shared}
          value={form.text(path)}
          choices={field.choices.map(value => ({
            value,
            label: choiceLabel(path, value, trans)
          }))}
          onChange={value => form.set(path, value)}
        />
      );
    case 'json':
      return (
        <TextAreaField
          {...shared}
          value={form.text(path)}
          rows={3}
          placeholder="{}"
          onChange={value => form.set(path, value)}
        />
      );
    default:
      return (
        <TextField
          {...shared}
          value={form.text(path)}
          onChange={value => form.set(path, value)}
        />
      );
  }
}

/** Text in which `…` stands for code. */
function withCode(text: string): React.ReactNode {
  return text
    .split('`')
    .map((part, index) => (index % 2 ? <code key={index}>{part}</code> : part));
}

/** Fields that may be empty say what happens then; others have a default to go back to. */
function emptyWord(field: IFieldSpec, auto: string): string | undefined {
  return field.default === null && !field.required ? auto : undefined;
}

function hintOf(field: IFieldSpec, words: string): string | undefined {
  const { default: value } = field;
  const isPlain = ['string', 'number', 'boolean'].includes(typeof value);
  return isPlain ? words.replace('%1', String(value)) : undefined;
}
