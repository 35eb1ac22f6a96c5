import * as React from 'react';

import type { Column } from '../api';
import {
  Button,
  ErrorBox,
  fieldError,
  SelectField,
  TextAreaField,
  TextField
} from '../components';
import { formatCount } from '../format';
import { useStudio } from '../shell/context';
import { ListModel, useModels } from '../state';
import { CommandIDs } from '../tokens';
import type { PromptModel } from './model';

/** More datasets than this are found by their names in the sidebar. */
const MANY = 200;

const OWN_FIELDS = [
  'name',
  'dataset',
  'prompt_template',
  'completion_template'
];

/** Left half of the prompt tab: dataset, name, both templates. */
export function PromptEditor(props: {
  model: PromptModel;
  onSaved: () => void;
}): JSX.Element {
  const { trans } = useStudio();
  const { model } = props;
  const { draft, error, busy } = model;
  const save = () => {
    void model.save().then(done => done && props.onSaved());
  };
  const own = error?.field && OWN_FIELDS.includes(error.field);
  return (
    <form
      className="jp-FtStudio-form jp-FtStudio-editor"
      aria-label={trans.__('Prompt')}
      onSubmit={event => {
        event.preventDefault();
        save();
      }}
    >
      <DatasetField model={model} />
      <TextField
        label={trans.__('Name')}
        required
        value={draft.name}
        error={fieldError(error, 'name')}
        onChange={name => model.edit({ name })}
      />
      <Templates model={model} />
      {error && !own && <ErrorBox error={error} />}
      <div className="jp-FtStudio-formActions">
        <Button
          label={trans.__('Suggest')}
          title={trans.__('Propose templates from the columns')}
          busy={busy === 'suggesting'}
          why={draft.dataset ? null : trans.__('Choose a dataset first')}
          onClick={() => void model.suggest()}
        />
        <Button
          kind="primary"
          label={trans.__('Save')}
          busy={busy === 'saving'}
          why={whyNotSave(model, trans)}
          onClick={save}
        />
      </div>
    </form>
  );
}

function whyNotSave(
  model: PromptModel,
  trans: ReturnType<typeof useStudio>['trans']
): string | null {
  const { draft, saved, dirty } = model;
  if (!draft.dataset) {
    return trans.__('Choose a dataset first');
  }
  if (!draft.name.trim()) {
    return trans.__('Give the prompt a name');
  }
  if (!draft.prompt_template || !draft.completion_template) {
    return trans.__('Write both templates');
  }
  return saved && !dirty ? trans.__('Everything is saved') : null;
}

function DatasetField({ model }: { model: PromptModel }): JSX.Element {
  const studio = useStudio();
  const { trans } = studio;
  const datasets = React.useMemo(
    () => new ListModel(studio.api.datasets, {}, MANY),
    []
  );
  useModels(datasets);
  React.useEffect(() => {
    const update = () => void datasets.refresh(true);
    update();
    studio.datasets.changed.connect(update);
    return () => {
      studio.datasets.changed.disconnect(update);
    };
  }, []);
  const { draft, saved, dataset } = model;
  const choices = datasets.items
    .filter(item => item.state === 'ready')
    .map(item => ({
      value: item.id,
      label: trans.__('%1 (%2 rows)', item.name, formatCount(item.rows))
    }));
  if (dataset && !choices.some(choice => choice.value === dataset.id)) {
    choices.unshift({ value: dataset.id, label: dataset.name });
  }
  if (!choices.length && datasets.loaded) {
    return (
      <div className="jp-FtStudio-empty">
        <div>{trans.__('A prompt is written for a dataset.')}</div>
        <Button
          label={trans.__('Import a dataset')}
          onClick={() => studio.execute(CommandIDs.importDataset)}
        />
      </div>
    );
  }
  return (
    <SelectField
      label={trans.__('Dataset')}
      required
      value={dataset?.id ?? draft.dataset}
      placeholder={trans.__('Choose a dataset')}
      disabled={saved !== null}
      help={
        saved ? trans.__('A stored prompt stays with its dataset.') : undefined
      }
      error={fieldError(model.error, 'dataset')}
      choices={choices}
      onChange={id => void model.choose(id)}
    />
  );
}

type TemplateKey = 'prompt_template' | 'completion_template';

function Templates({ model }: { model: PromptModel }): JSX.Element {
  const { trans } = useStudio();
  const prompt = React.useRef<HTMLTextAreaElement>(null);
  const completion = React.useRef<HTMLTextAreaElement>(null);
  const { draft, error, previewError } = model;
  const failed = error ?? previewError;
  const insert = (key: TemplateKey, column: string) => {
    const node = (key === 'prompt_template' ? prompt : completion).current;
    if (node) {
      const made = insertAt(node, `{${column}}`);
      model.edit({ [key]: made.text });
      window.requestAnimationFrame(() => {
        node.focus();
        node.setSelectionRange(made.caret, made.caret);
      });
    }
  };
  return (
    <>
      <TextAreaField
        ref={prompt}
        label={trans.__('Prompt template')}
        hint={trans.__(
          'What the model is given. {{ and }} are literal braces.'
        )}
        required
        rows={9}
        value={draft.prompt_template}
        error={fieldError(failed, 'prompt_template')}
        onChange={text => model.edit({ prompt_template: text })}
      />
      <Chips
        label={trans.__('Insert into the prompt')}
        columns={model.dataset?.columns ?? []}
        used={draft.prompt_template}
        onInsert={column => insert('prompt_template', column)}
      />
      <TextAreaField
        ref={completion}
        label={trans.__('Completion template')}
        hint={trans.__('What the model learns to answer.')}
        required
        rows={3}
        value={draft.completion_template}
        error={fieldError(failed, 'completion_template')}
        onChange={text => model.edit({ completion_template: text })}
      />
      <Chips
        label={trans.__('Insert into the completion')}
        columns={model.dataset?.columns ?? []}
        used={draft.completion_template}
        onInsert={column => insert('completion_template', column)}
      />
      <Reasons model={model} />
    </>
  );
}

/** The text of an input with `piece` in place of its selection, and the caret behind it. */
export function insertAt(
  node: { value: string; selectionStart: number; selectionEnd: number },
  piece: string
): { text: string; caret: number } {
  const { value, selectionStart, selectionEnd } = node;
  return {
    text: value.slice(0, selectionStart) + piece + value.slice(selectionEnd),
    caret: selectionStart + piece.length
  };
}

function Chips(props: {
  label: string;
  columns: Column[];
  used: string;
  onInsert: (column: string) => void;
}): JSX.Element {
  return (
    <div className="jp-FtStudio-chips" role="group" aria-label={props.label}>
      {props.columns.map(column => (
        <button
          key={column.name}
          type="button"
          className="jp-FtStudio-chip"
          data-used={props.used.includes(`{${column.name}}`)}
          title={`${props.label}: ${column.name} (${column.type})`}
          onClick={() => props.onInsert(column.name)}
        >
          {column.name}
        </button>
      ))}
    </div>
  );
}

function Reasons({ model }: { model: PromptModel }): JSX.Element | null {
  const { trans } = useStudio();
  if (!model.suggestion?.reasons.length) {
    return null;
  }
  return (
    <details className="jp-FtStudio-details">
      <summary>{trans.__('Why this suggestion')}</summary>
      <ul>
        {model.suggestion.reasons.map(reason => (
          <li key={reason}>{reason}</li>
        ))}
      </ul>
    </details>
  );
}
