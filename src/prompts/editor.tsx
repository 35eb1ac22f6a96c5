import * as React from 'react';

import type { ApiError } from '../api';
import {
  Button,
  ErrorBox,
  fieldError,
  SelectField,
  TextField
} from '../components';
import { formatCount } from '../format';
import { useStudio } from '../shell/context';
import { ListModel, useModels } from '../state';
import { CommandIDs } from '../tokens';
import type { PromptDraft } from './draft';
import { isWhole, TEMPLATE_FIELDS } from './draft';
import type { PromptModel } from './model';
import { Templates } from './templates';

/** More datasets than this are found by their names in the sidebar. */
const MANY = 200;

/** Left half of the prompt tab: dataset, name, mode, templates. */
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
      <ModeSwitch model={model} />
      <Templates model={model} />
      <TaskField model={model} />
      <Reasons model={model} />
      {error && !isAtField(error) && <ErrorBox error={error} />}
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

/** Whether the failure is told at the field it is about. */
function isAtField({ field }: ApiError): boolean {
  return (
    field === 'name' || field === 'dataset' || TEMPLATE_FIELDS.test(field ?? '')
  );
}

type Trans = ReturnType<typeof useStudio>['trans'];

function whyNotSave(model: PromptModel, trans: Trans): string | null {
  const { draft, saved, dirty } = model;
  if (!draft.dataset) {
    return trans.__('Choose a dataset first');
  }
  if (!draft.name.trim()) {
    return trans.__('Give the prompt a name');
  }
  if (!isWhole(draft)) {
    return whatIsMissing(model, trans);
  }
  return saved && !dirty ? trans.__('Everything is saved') : null;
}

/** What a draft needs before a row can be rendered. */
export function whatIsMissing({ draft }: PromptModel, trans: Trans): string {
  return draft.mode === 'chat'
    ? trans.__('Write at least two messages; the assistant’s comes last')
    : trans.__('Write both templates');
}

function ModeSwitch({ model }: { model: PromptModel }): JSX.Element {
  const { trans } = useStudio();
  const name = React.useId();
  const modes = [
    ['text', trans.__('Text'), trans.__('One text, and what follows it')],
    ['chat', trans.__('Chat'), trans.__('Messages, as chat models read them')]
  ] as const;
  return (
    <fieldset className="jp-FtStudio-switch">
      <legend>{trans.__('Mode')}</legend>
      {modes.map(([mode, label, title]) => (
        <label key={mode} title={title}>
          <input
            type="radio"
            name={name}
            checked={model.draft.mode === mode}
            onChange={() => model.setMode(mode)}
          />
          {label}
        </label>
      ))}
    </fieldset>
  );
}

/** How answers to this prompt are judged, wherever they are. */
function TaskField({ model }: { model: PromptModel }): JSX.Element {
  const { trans } = useStudio();
  const tasks: [PromptDraft['task'], string][] = [
    ['auto', trans.__('as the expected answers look')],
    ['sql', trans.__('SQL: the same query, the same result')],
    ['json', trans.__('JSON: valid, the same values')],
    ['label', trans.__('one of a few labels')],
    ['short', trans.__('a few words: the same ones')],
    ['text', trans.__('longer text: how much is alike')]
  ];
  return (
    <SelectField
      label={trans.__('Answers are judged as')}
      help={trans.__(
        'By comparisons, evaluations and the samples of runs; an evaluation can choose other measures.'
      )}
      value={model.draft.task}
      error={fieldError(model.error, 'task')}
      choices={tasks.map(([value, label]) => ({ value, label }))}
      onChange={task => model.edit({ task: task as PromptDraft['task'] })}
    />
  );
}

function DatasetField({ model }: { model: PromptModel }): JSX.Element {
  const studio = useStudio();
  const { trans } = studio;
  const datasets = useAll();
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

/** The datasets, whatever is searched for in the sidebar. */
function useAll() {
  const studio = useStudio();
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
  return datasets;
}

/** Which kind of data the server took this for, and why it proposes what it does. */
function Reasons({ model }: { model: PromptModel }): JSX.Element | null {
  const { trans } = useStudio();
  const { suggestion } = model;
  if (!suggestion) {
    return null;
  }
  const { recognised, reasons } = suggestion;
  return (
    <div>
      {recognised && (
        <p className="jp-FtStudio-help jp-FtStudio-recognised">
          <b>{recognised.label}</b> {recognised.message}
        </p>
      )}
      {reasons.length > 0 && (
        <details className="jp-FtStudio-details">
          <summary>{trans.__('Why this suggestion')}</summary>
          <ul>
            {reasons.map(reason => (
              <li key={reason}>{reason}</li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}
