import { closeIcon, copyIcon, settingsIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { Field, IconButton, SelectField } from '../components';
import { adapterIcon, modelIcon } from '../icons';
import { useStudio } from '../shell/context';
import { Mark } from '../sidebar/row';
import { basesOf, columnName, MOST_COLUMNS, whyNot } from './columns';
import type { DraftColumn } from './draft';
import type { CompareModel } from './model';
import { GenerationFields } from './settings';

type Props = { model: CompareModel };

/** Who answers: one entry a column, and the way to add another. */
export function ColumnsPicker({ model }: Props): JSX.Element {
  const { trans } = useStudio();
  const { columns } = model.draft;
  const bases = basesOf(columns);
  return (
    <section
      className="jp-FtStudio-compare-models"
      aria-label={trans.__('Compared models')}
    >
      <ul>
        {columns.map((column, place) => (
          <ColumnEntry
            key={place}
            model={model}
            column={column}
            place={place}
          />
        ))}
      </ul>
      <AddColumn model={model} />
      {bases.length > 1 && (
        <p className="jp-FtStudio-help">
          {trans.__(
            '%1 base models: they are loaded and answer one after another.',
            bases.length
          )}
        </p>
      )}
    </section>
  );
}

function ColumnEntry(props: {
  model: CompareModel;
  column: DraftColumn;
  place: number;
}): JSX.Element {
  const { model, column, place } = props;
  const { trans } = useStudio();
  const { choices, draft } = model;
  const name = columnName(column, choices, trans);
  const full =
    draft.columns.length >= MOST_COLUMNS
      ? trans.__('At most %1 columns', MOST_COLUMNS)
      : null;
  const own = column.generation;
  return (
    <li data-adapter={column.adapter || undefined}>
      <div className="jp-FtStudio-compare-entry">
        <Mark icon={column.adapter ? adapterIcon : modelIcon} />
        <span className="jp-FtStudio-name" title={name}>
          {name}
        </span>
        <span className="jp-FtStudio-muted">
          {column.adapter
            ? (choices.model(column.base)?.name ?? '')
            : trans.__('base model')}
        </span>
        <IconButton
          icon={settingsIcon}
          label={trans.__('Own generation settings for %1', name)}
          pressed={own !== null}
          onClick={() =>
            model.setColumn(place, {
              generation: own ? null : { ...draft.generation }
            })
          }
        />
        <IconButton
          icon={copyIcon}
          label={trans.__('%1 once more, with other settings', name)}
          why={full}
          onClick={() => model.copyColumn(place)}
        />
        <IconButton
          icon={closeIcon}
          label={trans.__('Remove %1', name)}
          onClick={() => model.removeColumn(place)}
        />
      </div>
      <OtherPrompt model={model} column={column} />
      {own && (
        <GenerationFields
          length
          value={own}
          onChange={generation => model.setColumn(place, { generation })}
        />
      )}
    </li>
  );
}

/** An adapter does its best with the prompt it was trained with: says so when it is another. */
function OtherPrompt(props: {
  model: CompareModel;
  column: DraftColumn;
}): JSX.Element | null {
  const { trans } = useStudio();
  const { choices, draft } = props.model;
  const trained = choices.adapter(props.column.adapter)?.prompt_id;
  const prompt = trained ? choices.prompt(trained) : undefined;
  return draft.prompt && prompt && prompt.id !== draft.prompt ? (
    <p className="jp-FtStudio-help jp-FtStudio-compare-note">
      {trans.__('Trained with the prompt “%1”.', prompt.name)}
    </p>
  ) : null;
}

/** Base models, and adapters; those that cannot be added say why. */
function AddColumn({ model }: Props): JSX.Element {
  const { trans } = useStudio();
  const { choices, draft } = model;
  const full = draft.columns.length >= MOST_COLUMNS;
  const add = (value: string) => {
    const [kind, id] = value.split(/:(.*)/s);
    if (kind === 'base') {
      model.addBase(id);
    } else {
      void model.addAdapter(id);
    }
  };
  const bases = choices.models.filter(
    base => !draft.columns.some(item => item.base === base.id && !item.adapter)
  );
  return (
    <Field label={trans.__('Add a model or adapter')}>
      {input => (
        <span className="jp-FtStudio-select jp-select-wrapper">
          <select
            {...input}
            className="jp-mod-styled"
            value=""
            disabled={full}
            onChange={event => add(event.target.value)}
          >
            <option value="" disabled hidden>
              {full
                ? trans.__('At most %1 columns', MOST_COLUMNS)
                : choices.models.length
                  ? trans.__('Choose…')
                  : trans.__('Import a base model first')}
            </option>
            {bases.length > 0 && (
              <optgroup label={trans.__('Base models')}>
                {bases.map(base => (
                  <option key={base.id} value={`base:${base.id}`}>
                    {base.name}
                  </option>
                ))}
              </optgroup>
            )}
            <AdapterOptions model={model} />
          </select>
        </span>
      )}
    </Field>
  );
}

function AdapterOptions({ model }: Props): JSX.Element | null {
  const { trans } = useStudio();
  const { choices, draft } = model;
  if (!choices.adapters.length) {
    return null;
  }
  const all = choices.adapters.map(adapter => ({
    adapter,
    why: whyNot(adapter, draft.columns, choices, trans)
  }));
  all.sort((a, b) => Number(Boolean(a.why)) - Number(Boolean(b.why)));
  return (
    <optgroup label={trans.__('Adapters')}>
      {all.map(({ adapter, why }) => (
        <option
          key={adapter.id}
          value={`adapter:${adapter.id}`}
          disabled={why !== null}
        >
          {why ? `${adapter.name} – ${why}` : adapter.name}
        </option>
      ))}
    </optgroup>
  );
}

/** Where questions come from: the rows of a dataset, through a prompt. */
export function SourcePickers({ model }: Props): JSX.Element {
  const { trans } = useStudio();
  const { choices, draft } = model;
  const prompts = choices.promptsOf(draft.dataset);
  return (
    <div className="jp-FtStudio-pair">
      <SelectField
        label={trans.__('Dataset')}
        value={draft.dataset}
        placeholder={
          choices.datasets.length
            ? trans.__('Choose a dataset')
            : trans.__('None is imported')
        }
        choices={choices.datasets.map(asChoice)}
        onChange={id => void model.choose(id)}
      />
      <SelectField
        label={trans.__('Prompt')}
        value={draft.prompt}
        disabled={!draft.dataset}
        placeholder={
          !draft.dataset
            ? trans.__('Choose a dataset first')
            : prompts.length
              ? trans.__('Choose a prompt')
              : trans.__('The dataset has none yet')
        }
        choices={prompts.map(asChoice)}
        onChange={id => void model.choose(draft.dataset, id)}
      />
    </div>
  );
}

function asChoice(item: { id: string; name: string }): {
  value: string;
  label: string;
} {
  return { value: item.id, label: item.name };
}
