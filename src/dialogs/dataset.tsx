import { UUID } from '@lumino/coreutils';
import * as React from 'react';

import type { Dataset, DatasetCreate } from '../api';
import { ApiError } from '../api';
import { fieldError, SelectField, TextField } from '../components';
import { useStudio } from '../shell/context';
import type { IFtStudio } from '../tokens';
import type { IPathPicker } from './browse';
import { BrowseButton, stem } from './browse';
import { FormModel, showForm, tellImport } from './form';
import { SourceSwitch } from './source';

const EXTENSIONS = ['.csv', '.tsv', '.json', '.jsonl', '.parquet', '.arrow'];

/** Shown in empty inputs; names, so not translated. */
const EXAMPLES = {
  file: 'data/train.jsonl',
  hub: 'gretelai/synthetic_text_to_sql',
  main: 'main'
};

type Values = {
  source: 'file' | 'hub';
  name: string;
  train: string;
  validation: string;
  test: string;
  format: string;
  repo: string;
  config: string;
  revision: string;
};

type PathKey = 'train' | 'validation' | 'test';

/** The format that a file name speaks of. */
export function formatOf(path: string): string {
  const end = /\.([a-z0-9]+)$/i.exec(path)?.[1]?.toLowerCase() ?? '';
  return EXTENSIONS.includes(`.${end}`) ? end : '';
}

/** What the form asks the server to do. */
export function toRequest(values: Values, requestId: string): DatasetCreate {
  const name = values.name.trim() || undefined;
  if (values.source === 'hub') {
    return {
      name,
      request_id: requestId,
      source: {
        source: 'hub',
        repo_id: values.repo.trim(),
        config: values.config.trim() || null,
        revision: values.revision.trim() || null
      }
    };
  }
  const { train, validation, test } = values;
  const splits = Object.entries({ train, validation, test }).filter(
    ([, path]) => path.trim()
  );
  const alone = splits.length === 1 && splits[0][0] === 'train';
  return {
    name,
    request_id: requestId,
    source: {
      source: 'file',
      path: alone
        ? train.trim()
        : Object.fromEntries(splits.map(([key, path]) => [key, path.trim()])),
      format: (values.format || null) as 'csv' | null
    }
  };
}

/** Import a dataset from files of the server, or from the hub. */
export async function importDataset(
  studio: IFtStudio,
  picker: IPathPicker,
  path = ''
): Promise<void> {
  const { trans } = studio;
  const made: Dataset[] = [];
  const requestId = UUID.uuid4();
  const model = new FormModel<Values>({
    source: 'file',
    name: stem(path),
    train: path,
    validation: '',
    test: '',
    format: '',
    repo: '',
    config: '',
    revision: ''
  });
  const sent = await showForm({
    studio,
    model,
    title: trans.__('Import dataset'),
    accept: trans.__('Import'),
    working: trans.__('Importing…'),
    fields: [
      'name',
      'source',
      'source.path',
      'source.path.train',
      'source.path.validation',
      'source.path.test',
      'source.repo_id'
    ],
    submit: async values => {
      const chosen = values.source === 'hub' ? values.repo : values.train;
      if (!chosen.trim()) {
        throw missing(values, trans);
      }
      made.push(await studio.api.datasets.create(toRequest(values, requestId)));
      await studio.datasets.refresh();
    },
    endedUnseen: error =>
      tellImport(studio, error, made[0] ?? null, id => studio.openDataset(id)),
    body: (form, ask) => (
      <DatasetFields model={form} ask={ask} picker={picker} />
    )
  });
  if (sent && made.length) {
    studio.openDataset(made[0].id);
  }
}

function missing(values: Values, trans: IFtStudio['trans']): ApiError {
  const hub = values.source === 'hub';
  return new ApiError(
    {
      code: 'invalid_input',
      field: hub ? 'source.repo_id' : 'source.path',
      message: hub
        ? trans.__('Name a dataset of the hub, for example owner/dataset.')
        : trans.__('Choose a file with the training rows.'),
      remedy: null
    },
    422
  );
}

function DatasetFields(props: {
  model: FormModel<Values>;
  ask: (question: () => Promise<void>) => void;
  picker: IPathPicker;
}): JSX.Element {
  const { trans } = useStudio();
  const { model } = props;
  return (
    <>
      <SourceSwitch
        value={model.values.source}
        onChange={source => model.set({ source: source as Values['source'] })}
        choices={[
          { value: 'file', label: trans.__('File') },
          { value: 'hub', label: trans.__('Hugging Face hub') }
        ]}
      />
      {model.values.source === 'file' ? (
        <FileFields {...props} />
      ) : (
        <HubFields model={model} />
      )}
      <TextField
        label={trans.__('Name')}
        value={model.values.name}
        placeholder={trans.__('Taken from the source')}
        error={fieldError(model.error, 'name')}
        onChange={name => model.set({ name })}
      />
    </>
  );
}

function FileFields(props: {
  model: FormModel<Values>;
  ask: (question: () => Promise<void>) => void;
  picker: IPathPicker;
}): JSX.Element {
  const { trans } = useStudio();
  const { model, ask, picker } = props;
  const { values } = model;
  const browse = (key: PathKey, title: string) =>
    ask(async () => {
      const path = await picker.file(title, EXTENSIONS);
      if (path !== null) {
        const name = values.name || key !== 'train' ? values.name : stem(path);
        model.set({ [key]: path, name });
      }
    });
  const path = (key: PathKey, label: string, help?: string) => (
    <TextField
      label={label}
      value={values[key]}
      help={help}
      required={key === 'train'}
      placeholder={key === 'train' ? EXAMPLES.file : trans.__('None')}
      error={
        key === 'train'
          ? fieldError(
              model.error,
              'source',
              'source.path',
              'source.path.train'
            )
          : fieldError(model.error, `source.path.${key}`)
      }
      onChange={text => model.set({ [key]: text })}
      after={<BrowseButton label={label} onClick={() => browse(key, label)} />}
    />
  );
  const found = formatOf(values.train);
  return (
    <>
      {path(
        'train',
        trans.__('Training file'),
        trans.__('CSV, TSV, JSON, JSON Lines, Parquet or Arrow.')
      )}
      <details
        className="jp-FtStudio-details"
        open={Boolean(values.validation || values.test || values.format)}
      >
        <summary>
          {trans.__('Separate validation and test files, format')}
        </summary>
        {path('validation', trans.__('Validation file'))}
        {path('test', trans.__('Test file'))}
        <SelectField
          label={trans.__('Format')}
          value={values.format}
          onChange={format => model.set({ format })}
          choices={[
            {
              value: '',
              label: found
                ? trans.__('From the file name (%1)', found)
                : trans.__('From the file name')
            },
            ...EXTENSIONS.map(end => ({
              value: end.slice(1),
              label: end.slice(1)
            }))
          ]}
        />
      </details>
    </>
  );
}

function HubFields(props: { model: FormModel<Values> }): JSX.Element {
  const { trans } = useStudio();
  const { model } = props;
  const { values } = model;
  return (
    <>
      <TextField
        label={trans.__('Dataset id')}
        value={values.repo}
        required
        placeholder={EXAMPLES.hub}
        error={fieldError(
          model.error,
          'source',
          'repo_id',
          'source.repo_id',
          'source.hub.repo_id'
        )}
        onChange={repo => model.set({ repo })}
      />
      <div className="jp-FtStudio-pair">
        <TextField
          label={trans.__('Subset')}
          value={values.config}
          placeholder={trans.__('Default')}
          onChange={config => model.set({ config })}
        />
        <TextField
          label={trans.__('Revision')}
          value={values.revision}
          placeholder={EXAMPLES.main}
          onChange={revision => model.set({ revision })}
        />
      </div>
    </>
  );
}
