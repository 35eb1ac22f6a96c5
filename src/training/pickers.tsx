import { addIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { Dataset } from '../api';
import type { Choice } from '../components';
import { IconButton, SelectField } from '../components';
import { formatBytes, formatCount, formatNumber } from '../format';
import { useStudio } from '../shell/context';
import { CommandIDs } from '../tokens';
import type { TrainModel } from './model';
import type { TrainForm } from './form';

type Props = { model: TrainModel; form: TrainForm };

/** The model that is trained on. */
export function BaseModelPicker({ model, form }: Props): JSX.Element {
  const studio = useStudio();
  const { trans } = studio;
  const { choices } = model;
  const facts = choices.model(form.text('base_model'))?.facts;
  const about = facts && [
    facts.architecture,
    facts.parameters &&
      trans.__('%1 parameters', formatCount(facts.parameters)),
    facts.context_length &&
      trans.__('%1 tokens of context', formatNumber(facts.context_length)),
    facts.size_bytes && formatBytes(facts.size_bytes)
  ];
  return (
    <SelectField
      label={trans.__('Base model')}
      required
      value={form.text('base_model')}
      error={form.problem('base_model')}
      help={about?.filter(Boolean).join(' · ')}
      placeholder={
        choices.models.length
          ? trans.__('Choose a base model')
          : trans.__('Import a base model first')
      }
      choices={choices.models.map(asChoice)}
      onChange={id => model.choose('base_model', id)}
      after={
        <IconButton
          icon={addIcon}
          label={trans.__('Import a base model')}
          onClick={() => studio.execute(CommandIDs.importModel)}
        />
      }
    />
  );
}

/** The rows that are learned from. */
export function DatasetPicker({ model, form }: Props): JSX.Element {
  const studio = useStudio();
  const { trans } = studio;
  const { choices } = model;
  const dataset = choices.dataset(form.text('dataset'));
  return (
    <>
      <SelectField
        label={trans.__('Dataset')}
        required
        value={form.text('dataset')}
        error={form.problem('dataset')}
        help={dataset && <DatasetAbout dataset={dataset} />}
        placeholder={
          choices.datasets.length
            ? trans.__('Choose a dataset')
            : trans.__('Import a dataset first')
        }
        choices={choices.datasets.map(asChoice)}
        onChange={id => model.choose('dataset', id)}
        after={
          <IconButton
            icon={addIcon}
            label={trans.__('Import a dataset')}
            onClick={() => studio.execute(CommandIDs.importDataset)}
          />
        }
      />
      {dataset && dataset.splits.length > 1 && (
        <SplitPicker form={form} dataset={dataset} />
      )}
    </>
  );
}

function DatasetAbout({ dataset }: { dataset: Dataset }): JSX.Element {
  const { trans } = useStudio();
  const splits = dataset.splits.map(
    split => `${split.name} ${formatNumber(split.rows)}`
  );
  return (
    <>{`${trans.__('%1 rows', formatNumber(dataset.rows))} · ${splits.join(', ')}`}</>
  );
}

function SplitPicker(props: {
  form: TrainForm;
  dataset: Dataset;
}): JSX.Element {
  const { form, dataset } = props;
  const { trans } = useStudio();
  const hasTrain = dataset.splits.some(split => split.name === 'train');
  const choices = dataset.splits.map(split => ({
    value: split.name,
    label: trans.__('%1 (%2 rows)', split.name, formatNumber(split.rows))
  }));
  return (
    <SelectField
      label={trans.__('Split to train on')}
      value={form.text('data.split') || (hasTrain ? 'train' : '')}
      required={!hasTrain}
      error={form.problem('data.split')}
      placeholder={trans.__('Choose a split')}
      choices={choices}
      onChange={split => form.set('data.split', split)}
    />
  );
}

/** How a row becomes text; only prompts made for the chosen dataset. */
export function PromptPicker({ model, form }: Props): JSX.Element {
  const studio = useStudio();
  const { trans } = studio;
  const dataset = form.text('dataset');
  const prompts = model.choices.promptsOf(dataset);
  const placeholder = !dataset
    ? trans.__('Choose a dataset first')
    : prompts.length
      ? trans.__('Choose a prompt')
      : trans.__('Create a prompt for this dataset first');
  return (
    <SelectField
      label={trans.__('Prompt')}
      required
      value={form.text('prompt')}
      error={form.problem('prompt')}
      placeholder={placeholder}
      disabled={!dataset}
      choices={prompts.map(asChoice)}
      onChange={id => model.choose('prompt', id)}
      after={
        <IconButton
          icon={addIcon}
          label={trans.__('Create a prompt')}
          why={dataset ? null : trans.__('Choose a dataset first.')}
          onClick={() => studio.newPrompt(dataset)}
        />
      }
    />
  );
}

function asChoice(item: { id: string; name: string }): Choice {
  return { value: item.id, label: item.name };
}
