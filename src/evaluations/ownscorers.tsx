import * as React from 'react';

import { Button, ErrorBox, TextField } from '../components';
import type { IPathPicker } from '../dialogs/browse';
import { BrowseButton } from '../dialogs/browse';
import { formatBytes } from '../format';
import { useStudio } from '../shell/context';
import { useModels } from '../state';
import type { EvaluationForm } from './form';

type Props = { form: EvaluationForm; picker: IPathPicker | null };

/** Python files with scorers: each is shown, and runs only as it was when agreed to. */
export function OwnScorers({ form, picker }: Props): JSX.Element {
  const { trans } = useStudio();
  const { reading, draft } = form;
  useModels(reading);
  const label = trans.__('Python file with scorers');
  const browse = async () => {
    const chosen = await picker?.files(label, ['.py']);
    if (chosen) {
      reading.setPath(chosen[0]);
      await reading.read();
    }
  };
  const path = reading.path.trim();
  return (
    <fieldset className="jp-FtStudio-choices jp-FtStudio-ownScorers">
      <legend>{trans.__('Scorers of your own')}</legend>
      {draft.scorer_files.map(file => (
        <AgreedFile key={file.path} form={form} path={file.path} />
      ))}
      <TextField
        label={label}
        value={reading.path}
        placeholder={trans.__('scorers.py')}
        help={trans.__(
          'Below the folder that the file browser shows. Functions named score_… judge an answer each.'
        )}
        onChange={value => reading.setPath(value)}
        after={
          <>
            {picker && (
              <BrowseButton label={label} onClick={() => void browse()} />
            )}
            <Button
              label={trans.__('Read')}
              busy={reading.busy}
              why={path ? null : trans.__('Name a file first')}
              onClick={() => void reading.read()}
            />
          </>
        }
      />
      {reading.error && <ErrorBox error={reading.error} />}
      <Consent form={form} />
    </fieldset>
  );
}

function AgreedFile(props: {
  form: EvaluationForm;
  path: string;
}): JSX.Element {
  const { trans } = useStudio();
  const { form, path } = props;
  const { scorer_files } = form.draft;
  const own = scorer_files.filter(file => file.path === path);
  const metrics = form.reading.metrics(own).join(', ');
  return (
    <div className="jp-FtStudio-agreed">
      <span>{path}</span>
      {metrics && <span className="jp-FtStudio-help">{metrics}</span>}
      <Button
        kind="plain"
        label={trans.__('Remove')}
        title={trans.__('Remove %1', path)}
        onClick={() =>
          form.set({
            scorer_files: scorer_files.filter(file => file.path !== path)
          })
        }
      />
    </div>
  );
}

/** The file's text, what agreeing to it means, and the agreement. */
function Consent({ form }: { form: EvaluationForm }): JSX.Element | null {
  const { trans } = useStudio();
  const { reading, draft } = form;
  const { view } = reading;
  if (!view) {
    return null;
  }
  return (
    <div
      role="group"
      className="jp-FtStudio-consent"
      aria-label={trans.__('What %1 does', view.path)}
    >
      <pre className="jp-FtStudio-rendered" tabIndex={0}>
        {view.text}
      </pre>
      <p className="jp-FtStudio-help">
        {trans.__(
          '%1 (%2) will run in the evaluation’s own process, with your rights: it can read and write your files. Use it only if you have read it. If it changes before the evaluation starts, it is refused.',
          view.path,
          formatBytes(view.size_bytes)
        )}
      </p>
      <div className="jp-FtStudio-formActions">
        <Button
          label={trans.__('Do not use it')}
          onClick={() => reading.setPath('')}
        />
        <Button
          label={trans.__('I have read it: use it')}
          onClick={() =>
            form.set({ scorer_files: reading.agree(draft.scorer_files) })
          }
        />
      </div>
    </div>
  );
}
