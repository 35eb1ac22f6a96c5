import * as React from 'react';

import {
  Button,
  CheckboxField,
  ErrorBox,
  NumberField,
  SelectField,
  TextField
} from '../components';
import type { IPathPicker } from '../dialogs/browse';
import { useStudio } from '../shell/context';
import { TabHead } from '../shell/record';
import { useModels } from '../state';
import type { EvaluationForm } from './form';
import { ScorerChoices } from './scorers';

type Props = { form: EvaluationForm };

/** The form of a new evaluation: who answers, which rows, and how they are judged. */
export function EvaluationFormView(
  props: Props & {
    picker: IPathPicker | null;
    started: (id: string) => void;
  }
): JSX.Element {
  const { form, picker, started } = props;
  const { trans } = useStudio();
  useModels(form);
  const { draft, error } = form;
  const why = form.missing();
  const start = async () => {
    const id = await form.start();
    if (id) {
      started(id);
    }
  };
  return (
    <div className="jp-FtStudio-page">
      <form
        className="jp-FtStudio-train-form jp-FtStudio-evaluateForm"
        aria-label={trans.__('Evaluation')}
        onSubmit={event => event.preventDefault()}
      >
        <TabHead title={trans.__('New evaluation')} />
        <ErrorBox
          error={form.choices.error}
          retry={() => void form.choices.refresh()}
        />
        <TextField
          label={trans.__('Name')}
          required
          value={draft.name}
          error={form.problem('name')}
          onChange={name => form.rename(name)}
        />
        <Systems form={form} />
        <Questions form={form} />
        <ScorerChoices form={form} picker={picker} />
        <More form={form} />
        {error && <ErrorBox error={error} />}
        <Button
          kind="primary"
          label={
            form.busy ? trans.__('Starting…') : trans.__('Start evaluation')
          }
          why={why}
          busy={form.busy}
          onClick={() => void start()}
        />
        {why && form.ready && (
          <span className="jp-FtStudio-help" role="status">
            {why}
          </span>
        )}
      </form>
    </div>
  );
}

/** Who answers: adapters of one base model, and the base model itself. */
function Systems({ form }: Props): JSX.Element {
  const { trans } = useStudio();
  const { draft, choices } = form;
  const own = form.adapters();
  return (
    <>
      <SelectField
        label={trans.__('Base model')}
        required
        value={draft.base_model}
        error={form.problem('base_model')}
        placeholder={trans.__('Choose a base model')}
        choices={choices.models.map(({ id, name }) => ({
          value: id,
          label: name
        }))}
        onChange={base_model => form.set({ base_model })}
      />
      <fieldset className="jp-FtStudio-choices">
        <legend>{trans.__('Adapters')}</legend>
        {own.map(({ id, name }) => (
          <CheckboxField
            key={id}
            label={name}
            value={draft.adapters.includes(id)}
            onChange={wanted => form.toggleAdapter(id, wanted)}
          />
        ))}
        {own.length === 0 && (
          <p className="jp-FtStudio-help">
            {trans.__('This base model has no adapters yet.')}
          </p>
        )}
        {form.problem('adapters') && (
          <p className="jp-FtStudio-error" role="alert">
            {form.problem('adapters')}
          </p>
        )}
      </fieldset>
      <TextField
        label={trans.__('Base model with examples')}
        value={draft.shots}
        error={form.problem('base_shots')}
        help={trans.__(
          'The base model answers once for each number, with so many solved training rows in front: 0 is the bare question. An adapter must beat the best of these. Empty leaves the base model out.'
        )}
        onChange={shots => form.set({ shots })}
      />
    </>
  );
}

/** Which rows are asked. */
function Questions({ form }: Props): JSX.Element {
  const { trans } = useStudio();
  const { draft, choices } = form;
  const dataset = choices.dataset(draft.dataset);
  return (
    <>
      <div className="jp-FtStudio-fields">
        <SelectField
          label={trans.__('Dataset')}
          required
          value={draft.dataset}
          error={form.problem('dataset')}
          placeholder={trans.__('Choose a dataset')}
          choices={choices.datasets.map(({ id, name }) => ({
            value: id,
            label: name
          }))}
          onChange={value => form.set({ dataset: value })}
        />
        <SelectField
          label={trans.__('Prompt')}
          required
          value={draft.prompt}
          error={form.problem('prompt')}
          placeholder={trans.__('Choose a prompt')}
          choices={choices.promptsOf(draft.dataset).map(({ id, name }) => ({
            value: id,
            label: name
          }))}
          onChange={prompt => form.set({ prompt })}
        />
        <NumberField
          label={trans.__('Rows')}
          required
          value={draft.rows}
          error={form.problem('rows')}
          help={trans.__('Of each split, drawn at random.')}
          onChange={rows => form.set({ rows })}
        />
      </div>
      <fieldset className="jp-FtStudio-choices">
        <legend>{trans.__('Rows of')}</legend>
        <CheckboxField
          label={trans.__('the test rows that training set aside')}
          value={draft.splits.length === 0}
          onChange={() => form.set({ splits: [] })}
        />
        {dataset?.splits.map(({ name }) => (
          <CheckboxField
            key={name}
            label={name}
            value={draft.splits.includes(name)}
            onChange={wanted =>
              form.set({
                splits: wanted
                  ? [...draft.splits, name]
                  : draft.splits.filter(split => split !== name)
              })
            }
          />
        ))}
        {form.problem('splits') && (
          <p className="jp-FtStudio-error" role="alert">
            {form.problem('splits')}
          </p>
        )}
      </fieldset>
    </>
  );
}

function More({ form }: Props): JSX.Element {
  const { trans } = useStudio();
  const { draft, choices } = form;
  const columns = choices.dataset(draft.dataset)?.columns ?? [];
  const asChoices = columns.map(({ name }) => ({ value: name, label: name }));
  return (
    <details className="jp-FtStudio-advanced">
      <summary>{trans.__('More')}</summary>
      <div className="jp-FtStudio-fields">
        <SelectField
          label={trans.__('Category column')}
          help={trans.__('Scores are also given for each of its values.')}
          value={draft.category_column}
          error={form.problem('category_column')}
          choices={[{ value: '', label: trans.__('none') }, ...asChoices]}
          onChange={category_column => form.set({ category_column })}
        />
        <SelectField
          label={trans.__('Column with CREATE TABLE statements')}
          help={trans.__('SQL is judged by what it returns on these tables.')}
          value={draft.sql_schema_column}
          error={form.problem('sql.schema_column')}
          choices={[{ value: '', label: trans.__('none') }, ...asChoices]}
          onChange={sql_schema_column => form.set({ sql_schema_column })}
        />
        <SelectField
          label={trans.__('Precision')}
          value={draft.precision}
          choices={[
            { value: 'auto', label: trans.__('as trained') },
            ...['4-bit', '8-bit', '16-bit', '32-bit'].map(value => ({
              value,
              label: value
            }))
          ]}
          onChange={precision => form.set({ precision })}
        />
      </div>
      <CheckboxField
        label={trans.__('Allow rows that an adapter was trained on')}
        help={trans.__('Its score then says nothing about new rows.')}
        value={draft.allow_training_rows}
        onChange={allow_training_rows => form.set({ allow_training_rows })}
      />
      <CheckboxField
        label={trans.__('Log to MLflow')}
        value={draft.mlflow}
        onChange={mlflow => form.set({ mlflow })}
      />
    </details>
  );
}
