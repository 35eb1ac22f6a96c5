import * as React from 'react';

import { ApiError } from '../api';
import type { Adapter } from '../api';
import { fieldError, SelectField, TextField } from '../components';
import { useModels } from '../state';
import type { IFtStudio } from '../tokens';
import type { IPathPicker } from './browse';
import { BrowseButton, folderName } from './browse';
import { FormModel, showForm, tellImport } from './form';

/** Shown in empty inputs; names, so not translated. */
const EXAMPLES = {
  folder: 'adapters/my-adapter'
};

type Values = { name: string; path: string; base: string };

type FieldsProps = {
  studio: IFtStudio;
  model: FormModel<Values>;
  ask: (question: () => Promise<void>) => void;
  picker: IPathPicker;
};

/** Import an adapter from a PEFT folder of the server. */
export async function importAdapter(
  studio: IFtStudio,
  picker: IPathPicker,
  path = ''
): Promise<void> {
  const { trans } = studio;
  const made: Adapter[] = [];
  const model = new FormModel<Values>({ name: '', path, base: '' });
  const sent = await showForm({
    studio,
    model,
    title: trans.__('Import adapter'),
    accept: trans.__('Import'),
    working: trans.__('Importing…'),
    fields: ['name', 'source', 'path', 'source.path', 'base_model'],
    submit: async values => {
      if (!values.path.trim()) {
        throw new ApiError(
          {
            code: 'invalid_input',
            field: 'source.path',
            message: trans.__(
              'Choose the folder that holds adapter_config.json.'
            ),
            remedy: null
          },
          422
        );
      }
      const adapter = await studio.api.adapters.create({
        name: values.name.trim() || undefined,
        source: { source: 'directory', path: values.path.trim() },
        base_model: values.base || undefined
      });
      made.push(adapter);
      await studio.adapters.refresh();
    },
    endedUnseen: error =>
      tellImport(studio, error, made[0] ?? null, id => studio.openAdapter(id)),
    body: (form, ask) => (
      <AdapterFields studio={studio} model={form} ask={ask} picker={picker} />
    )
  });
  if (sent && made.length) {
    studio.openAdapter(made[0].id);
  }
}

function AdapterFields({
  studio,
  model,
  ask,
  picker
}: FieldsProps): JSX.Element {
  const { trans } = studio;
  useModels(studio.models);
  const { values } = model;
  const label = trans.__('Adapter folder');
  const browse = () =>
    ask(async () => {
      const path = await picker.folder(label);
      if (path !== null) {
        model.set({ path, name: values.name || folderName(path) });
      }
    });
  return (
    <>
      <TextField
        label={label}
        value={values.path}
        required
        placeholder={EXAMPLES.folder}
        help={trans.__(
          'A PEFT folder: adapter_config.json and adapter_model.safetensors.'
        )}
        error={fieldError(model.error, 'path', 'source', 'source.path')}
        onChange={path => model.set({ path })}
        after={<BrowseButton label={label} onClick={browse} />}
      />
      <SelectField
        label={trans.__('Base model')}
        value={values.base}
        error={fieldError(model.error, 'base_model')}
        onChange={base => model.set({ base })}
        choices={[
          { value: '', label: trans.__('As adapter_config.json says') },
          ...studio.models.items.map(item => ({
            value: item.id,
            label: item.name
          }))
        ]}
      />
      <TextField
        label={trans.__('Name')}
        value={values.name}
        placeholder={trans.__('Taken from the folder')}
        error={fieldError(model.error, 'name')}
        onChange={name => model.set({ name })}
      />
    </>
  );
}
