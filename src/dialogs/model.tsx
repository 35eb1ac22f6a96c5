import { UUID } from '@lumino/coreutils';
import * as React from 'react';

import { ApiError } from '../api';
import type { BaseModelRecord } from '../api';
import { fieldError, TextField } from '../components';
import type { IFtStudio } from '../tokens';
import type { IPathPicker } from './browse';
import { BrowseButton, folderName } from './browse';
import { FormModel, showForm, tellImport } from './form';
import { HubModelFields } from './hubmodel';
import { SourceSwitch } from './source';

/** Shown in empty inputs; names, so not translated. */
const EXAMPLES = {
  folder: 'models/SmolLM2-135M'
};

type Values = {
  source: 'directory' | 'hub';
  name: string;
  path: string;
  repo: string;
  revision: string;
};

export type ModelFieldsProps = {
  studio: IFtStudio;
  model: FormModel<Values>;
  ask: (question: () => Promise<void>) => void;
  picker: IPathPicker;
};

/** Import a base model from a folder of the server, or from the hub. */
export async function importModel(
  studio: IFtStudio,
  picker: IPathPicker,
  path = ''
): Promise<void> {
  const { trans } = studio;
  const made: BaseModelRecord[] = [];
  const requestId = UUID.uuid4();
  const model = new FormModel<Values>({
    source: 'directory',
    name: folderName(path),
    path,
    repo: '',
    revision: ''
  });
  const sent = await showForm({
    studio,
    model,
    title: trans.__('Import base model'),
    accept: trans.__('Import'),
    working: trans.__('Importing…'),
    wide: true,
    fields: [
      'name',
      'source',
      'path',
      'source.path',
      'source.repo_id',
      'source.revision'
    ],
    submit: async values => {
      made.push(
        await studio.api.models.create(toRequest(values, requestId, trans))
      );
      await studio.models.refresh();
    },
    endedUnseen: error =>
      tellImport(studio, error, made[0] ?? null, id => studio.openModel(id)),
    body: (form, ask) => (
      <ModelFields studio={studio} model={form} ask={ask} picker={picker} />
    )
  });
  if (sent && made.length) {
    studio.messages.success(
      trans.__('“%1” is ready to train on.', made[0].name),
      {
        label: trans.__('New training run'),
        run: () => studio.openTrain({ base_model: made[0].name })
      }
    );
  }
}

function toRequest(
  values: Values,
  requestId: string,
  trans: IFtStudio['trans']
): Parameters<IFtStudio['api']['models']['create']>[0] {
  const hub = values.source === 'hub';
  const chosen = (hub ? values.repo : values.path).trim();
  if (!chosen) {
    throw new ApiError(
      {
        code: 'invalid_input',
        field: hub ? 'source.repo_id' : 'source.path',
        message: hub
          ? trans.__('Name a model of the hub, for example owner/model.')
          : trans.__(
              'Choose the folder that holds config.json and the weights.'
            ),
        remedy: null
      },
      422
    );
  }
  return {
    name: values.name.trim() || undefined,
    request_id: requestId,
    source: hub
      ? {
          source: 'hub',
          repo_id: chosen,
          revision: values.revision.trim() || null
        }
      : { source: 'directory', path: chosen }
  };
}

function ModelFields(props: ModelFieldsProps): JSX.Element {
  const { model, studio } = props;
  const { trans } = studio;
  const { values } = model;
  return (
    <>
      <SourceSwitch
        value={values.source}
        onChange={source => model.set({ source: source as Values['source'] })}
        choices={[
          { value: 'directory', label: trans.__('Folder') },
          { value: 'hub', label: trans.__('Hugging Face hub') }
        ]}
      />
      {values.source === 'directory' ? (
        <FolderField {...props} />
      ) : (
        <HubModelFields {...props} />
      )}
      <TextField
        label={trans.__('Name')}
        value={values.name}
        placeholder={trans.__('Taken from the source')}
        error={fieldError(model.error, 'name')}
        onChange={name => model.set({ name })}
      />
    </>
  );
}

function FolderField({
  model,
  studio,
  ask,
  picker
}: ModelFieldsProps): JSX.Element {
  const { trans } = studio;
  const label = trans.__('Model folder');
  const browse = () =>
    ask(async () => {
      const path = await picker.folder(label);
      if (path !== null) {
        model.set({ path, name: model.values.name || folderName(path) });
      }
    });
  return (
    <TextField
      label={label}
      value={model.values.path}
      required
      placeholder={EXAMPLES.folder}
      help={trans.__(
        'In Hugging Face format: config.json, safetensors, tokenizer.'
      )}
      error={fieldError(model.error, 'path', 'source', 'source.path')}
      onChange={path => model.set({ path })}
      after={<BrowseButton label={label} onClick={browse} />}
    />
  );
}
