import * as React from 'react';

import type { Dataset } from '../api';
import { ApiError } from '../api';
import { fieldError, TextField, useFileDrop } from '../components';
import { useStudio } from '../shell/context';
import type { IFtStudio } from '../tokens';
import type { IPathPicker } from './browse';
import { DatasetForm } from './datasetmodel';
import type { Values } from './datasetvalues';
import { toRequest } from './datasetvalues';
import type { DatasetFieldsProps } from './files';
import { FileFields } from './files';
import { showForm, tellImport } from './form';
import { HubDatasetFields } from './hubdataset';
import { PeekFields } from './peek';
import { SourceSwitch } from './source';

const FIELDS = [
  'name',
  'source',
  'columns',
  'source.path',
  'source.path.train',
  'source.path.validation',
  'source.path.test',
  'source.repo_id',
  'source.config',
  'source.revision'
];

/** What the dialog may begin with: files of the server, or of the reader's computer. */
export type DatasetStart = { paths?: string[]; files?: File[] };

/** Import a dataset from files, a folder, an upload or the hub. */
export async function importDataset(
  studio: IFtStudio,
  picker: IPathPicker,
  start: DatasetStart = {}
): Promise<void> {
  const { trans } = studio;
  const made: Dataset[] = [];
  const model = new DatasetForm(studio, picker.contents);
  if (start.paths?.length) {
    model.choose(start.paths);
  }
  void model.uploadAndChoose(start.files ?? []);
  const sent = await showForm({
    studio,
    model,
    title: trans.__('Import dataset'),
    accept: trans.__('Import'),
    working: trans.__('Importing…'),
    wide: true,
    fields: FIELDS,
    submit: async () => {
      made.push(await studio.api.datasets.create(request(model, trans)));
      await studio.datasets.refresh();
    },
    endedUnseen: error => {
      model.dispose(error !== null);
      tellImport(studio, error, made[0] ?? null, id => studio.openDataset(id));
    },
    body: (_, ask) => <DatasetFields model={model} ask={ask} picker={picker} />
  });
  if (!model.busy) {
    model.dispose(!sent);
  }
  if (sent && made.length) {
    studio.openDataset(made[0].id);
  }
}

/** What the form asks the server to do; an error at the field when it asks for nothing. */
function request(
  model: DatasetForm,
  trans: IFtStudio['trans']
): NonNullable<ReturnType<typeof toRequest>> {
  const { values, peek } = model;
  if (model.upload) {
    throw wrong('source.path', trans.__('The upload is still under way.'));
  }
  const found = peek?.recognised?.conversation;
  const body = toRequest(values, {
    request_id: model.requestId,
    conversation:
      found && values.answers ? { ...found, answers: values.answers } : null,
    delete_source: model.isUpload
  });
  if (!body) {
    throw values.source === 'hub'
      ? wrong(
          'source.repo_id',
          trans.__('Name a dataset of the hub, for example owner/dataset.')
        )
      : wrong('source.path', trans.__('Choose a file with the training rows.'));
  }
  return body;
}

function wrong(field: string, message: string): ApiError {
  const remedy = null;
  return new ApiError({ code: 'invalid_input', field, message, remedy }, 422);
}

function DatasetFields(props: DatasetFieldsProps): JSX.Element {
  const { trans } = useStudio();
  const { model } = props;
  const { values } = model;
  const { over, handlers } = useFileDrop(
    files => void model.uploadAndChoose(files)
  );
  return (
    <div className="jp-FtStudio-form" data-over={over} {...handlers}>
      <SourceSwitch
        value={values.source}
        onChange={source =>
          model.set({ source: source as Values['source'], columns: {} })
        }
        choices={[
          { value: 'file', label: trans.__('Files') },
          { value: 'hub', label: trans.__('Hugging Face hub') }
        ]}
      />
      {values.source === 'file' ? (
        <FileFields {...props} />
      ) : (
        <HubDatasetFields {...props} />
      )}
      <PeekFields model={model} />
      <TextField
        label={trans.__('Name')}
        value={values.name}
        placeholder={
          (values.source === 'file' && model.peek?.name) ||
          trans.__('Taken from the source')
        }
        error={fieldError(model.error, 'name')}
        onChange={name => model.set({ name })}
      />
    </div>
  );
}
