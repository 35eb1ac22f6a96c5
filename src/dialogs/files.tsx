import { closeIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import {
  Button,
  DropZone,
  fieldError,
  IconButton,
  ProgressBar,
  SelectField,
  TextField
} from '../components';
import { formatPercent } from '../format';
import { useStudio } from '../shell/context';
import type { IPathPicker } from './browse';
import { BrowseButton } from './browse';
import type { DatasetForm } from './datasetmodel';
import type { ChosenFile } from './datasetvalues';
import { ARCHIVES, EXTENSIONS, formatOf, SPLITS } from './datasetvalues';

const LOOK_MS = 400;
/** Shown in an empty input; a name, so not translated. */
const EXAMPLE = 'data/train.jsonl';

export type DatasetFieldsProps = {
  model: DatasetForm;
  /** Closes the form for a question, and opens it again. */
  ask: (question: () => Promise<void>) => void;
  picker: IPathPicker;
};

/** Files of the server, a folder, or files from the reader's computer. */
export function FileFields(props: DatasetFieldsProps): JSX.Element {
  const { trans } = useStudio();
  const { model, ask, picker } = props;
  const { files, format, answers } = model.values;
  React.useEffect(() => {
    const timer = window.setTimeout(() => void model.look(), LOOK_MS);
    return () => window.clearTimeout(timer);
  }, [files, format, answers]);
  const browse = () =>
    ask(async () => {
      const paths = await picker.files(trans.__('Files with rows'), [
        ...EXTENSIONS,
        ...ARCHIVES
      ]);
      model.choose(paths ?? []);
    });
  const folder = () =>
    ask(async () => {
      const path = await picker.folder(trans.__('Folder with files'));
      model.choose(path === null ? [] : [`${path}/`]);
    });
  const after = (
    <>
      <BrowseButton
        label={trans.__('Choose files of the server')}
        onClick={browse}
      />
      <Button
        label={trans.__('Folder…')}
        title={trans.__('Choose a folder of the server')}
        onClick={folder}
      />
    </>
  );
  return (
    <>
      <Chosen model={model} after={after} />
      {model.upload ? (
        <Uploading model={model} />
      ) : (
        <DropZone
          label={trans.__('Drop files here, or choose them from this computer')}
          accept={[...EXTENSIONS, ...ARCHIVES]}
          onFiles={dropped => void model.uploadAndChoose(dropped)}
        />
      )}
      <FormatField model={model} />
    </>
  );
}

/** One path to type or choose; a list once there are several. */
function Chosen(props: {
  model: DatasetForm;
  after: React.ReactNode;
}): JSX.Element {
  const { trans } = useStudio();
  const { model, after } = props;
  const { files } = model.values;
  const error =
    fieldError(model.error, 'source', 'source.path', 'source.path.train') ??
    fieldError(model.error, 'source.path.validation', 'source.path.test');
  if (files.length > 1) {
    return (
      <div className="jp-FtStudio-field">
        <FileList model={model} />
        {error && (
          <div className="jp-FtStudio-error" role="alert">
            {error}
          </div>
        )}
        <div className="jp-FtStudio-input">{after}</div>
      </div>
    );
  }
  return (
    <TextField
      label={trans.__('File or folder')}
      value={files[0]?.path ?? ''}
      required
      placeholder={EXAMPLE}
      help={trans.__(
        'CSV, TSV, JSON, JSON Lines, Parquet or Arrow; a folder or zip of them.'
      )}
      error={error}
      onChange={path =>
        model.set({ files: [{ path, split: 'train' }], columns: {} })
      }
      after={after}
    />
  );
}

function FileList({ model }: { model: DatasetForm }): JSX.Element {
  const { trans } = useStudio();
  const { files } = model.values;
  const words: Record<string, string> = {
    train: trans.__('Training'),
    validation: trans.__('Validation'),
    test: trans.__('Test')
  };
  const change = (index: number, file: ChosenFile | null) =>
    model.set({
      files: files.flatMap((old, at) =>
        at !== index ? [old] : file ? [file] : []
      )
    });
  return (
    <ul className="jp-FtStudio-files" aria-label={trans.__('Files')}>
      {files.map((file, index) => (
        <li key={file.path}>
          <span title={file.path}>{model.shown(file.path)}</span>
          <SelectField
            label={trans.__('Used for: %1', model.shown(file.path))}
            value={file.split}
            choices={SPLITS.map(value => ({ value, label: words[value] }))}
            onChange={split => change(index, { ...file, split })}
          />
          <IconButton
            icon={closeIcon}
            label={trans.__('Leave out %1', model.shown(file.path))}
            onClick={() => change(index, null)}
          />
        </li>
      ))}
    </ul>
  );
}

function Uploading({ model }: { model: DatasetForm }): JSX.Element {
  const { trans } = useStudio();
  const { name, share } = model.upload ?? { name: '', share: 0 };
  const label = trans.__('Uploading %1: %2', name, formatPercent(share));
  return (
    <div className="jp-FtStudio-jobProgress">
      <ProgressBar share={share} label={label} />
      <span>{label}</span>
      <Button
        label={trans.__('Cancel the upload')}
        onClick={() => model.cancelUpload()}
      />
    </div>
  );
}

function FormatField({ model }: { model: DatasetForm }): JSX.Element {
  const { trans } = useStudio();
  const { files, format } = model.values;
  const found = model.peek?.format ?? formatOf(files[0]?.path ?? '');
  return (
    <details className="jp-FtStudio-details" open={Boolean(format)}>
      <summary>
        {found && !format ? trans.__('Format: %1', found) : trans.__('Format')}
      </summary>
      <SelectField
        label={trans.__('Read the files as')}
        value={format}
        onChange={chosen => model.set({ format: chosen })}
        choices={[
          { value: '', label: trans.__('Their names tell') },
          ...EXTENSIONS.map(end => ({
            value: end.slice(1),
            label: end.slice(1)
          }))
        ]}
      />
    </details>
  );
}
