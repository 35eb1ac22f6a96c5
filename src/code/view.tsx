import { Clipboard } from '@jupyterlab/apputils';
import {
  copyIcon,
  downloadIcon,
  notebookIcon
} from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { Button, Checks, ErrorBox, Tabs } from '../components';
import { useStudio } from '../shell/context';
import { useModels } from '../state';
import type { CodeFormat, CodeModel } from './model';

/** Code in one of its formats, and what to do with it. */
export function CodeView(props: {
  model: CodeModel;
  /** Opens what is shown as a notebook. */
  open: () => Promise<void>;
}): JSX.Element {
  const { model, open } = props;
  const { trans } = useStudio();
  useModels(model);
  React.useEffect(() => {
    void model.show(model.format);
  }, [model]);
  const { code, error, format } = model;
  const notes = (code?.notes ?? []).map(message => ({
    level: 'warning' as const,
    code: '',
    message,
    field: null,
    remedy: null
  }));
  return (
    <div className="jp-FtStudio-codeView">
      <Tabs<CodeFormat>
        label={trans.__('Kind of code')}
        tabs={shown(model).map(name => [name, word(name, trans)] as const)}
        value={format}
        onChange={name => void model.show(name)}
      >
        <p className="jp-FtStudio-help">{explanation(format, trans)}</p>
        <Checks checks={notes} />
        {error && (
          <ErrorBox error={error} retry={() => void model.show(format)} />
        )}
        {code ? (
          <pre
            className="jp-FtStudio-codeView-text"
            tabIndex={0}
            aria-label={word(format, trans)}
          >
            {code.text}
          </pre>
        ) : (
          !error && <p className="jp-FtStudio-help">{trans.__('Loading…')}</p>
        )}
        <Actions model={model} open={open} />
      </Tabs>
    </div>
  );
}

/** A notebook is the script in cells: it is opened, not read as JSON. */
function shown({ format, formats }: CodeModel): CodeFormat[] {
  return (formats.length ? formats : [format]).filter(
    name => name !== 'notebook'
  );
}

function Actions(props: {
  model: CodeModel;
  open: () => Promise<void>;
}): JSX.Element {
  const { model, open } = props;
  const { trans, messages } = useStudio();
  const [copied, setCopied] = React.useState('');
  const [busy, setBusy] = React.useState(false);
  const { code, format } = model;
  const why = code ? null : trans.__('There is no code yet.');
  const copy = () => {
    Clipboard.copyToSystem(code?.text ?? '');
    setCopied(format);
  };
  const openIt = () => {
    setBusy(true);
    open()
      .catch(reason => messages.error(reason))
      .finally(() => setBusy(false));
  };
  return (
    <div className="jp-FtStudio-codeView-actions">
      <Button
        kind="primary"
        icon={copyIcon}
        label={trans.__('Copy')}
        why={why}
        onClick={copy}
      />
      {format !== 'yaml' && (
        <Button
          icon={notebookIcon}
          label={trans.__('Open as notebook')}
          why={why}
          busy={busy}
          onClick={openIt}
        />
      )}
      <Button
        icon={downloadIcon}
        label={trans.__('Download')}
        title={code?.filename}
        why={why}
        onClick={() => code && downloadText(code.filename, code.text)}
      />
      <span className="jp-FtStudio-help" role="status">
        {copied === format && trans.__('Copied.')}
      </span>
    </div>
  );
}

function downloadText(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

function word(format: CodeFormat, trans: TranslationBundle): string {
  const words: Record<CodeFormat, string> = {
    magic: trans.__('Cell'),
    client: trans.__('Python'),
    yaml: trans.__('YAML'),
    script: trans.__('Script'),
    notebook: trans.__('Notebook')
  };
  return words[format];
}

function explanation(format: CodeFormat, trans: TranslationBundle): string {
  const words: Record<CodeFormat, string> = {
    magic: trans.__(
      'For a notebook cell, after %load_ext ftstudio_ext. Settings that are not named keep their defaults.'
    ),
    client: trans.__('For notebooks and programs that use this studio.'),
    yaml: trans.__('For the command line; no Jupyter server is needed.'),
    script: trans.__(
      'The same run with stock transformers, peft and trl: it needs nothing of the studio, and finds the same losses.'
    ),
    notebook: trans.__('The script, in cells.')
  };
  return words[format];
}
