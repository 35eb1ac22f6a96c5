import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { HubConfig, HubDataset, HubDatasetInfo } from '../api';
import { fieldError, SelectField, TextField } from '../components';
import { formatBytes, formatCount, formatNumber } from '../format';
import { AccessNote, RepoDetail } from '../hub/access';
import { HubResults, useHubSearch } from '../hub/search';
import { setHubToken } from '../hub/token';
import { useStudio } from '../shell/context';
import type { DatasetForm } from './datasetmodel';
import type { DatasetFieldsProps } from './files';

const ASK_MS = 500;
/** Shown in empty inputs; names, so not translated. */
const EXAMPLES = { id: 'gretelai/synthetic_text_to_sql', main: 'main' };

/** A dataset of the hub: searched for or named, its subset and its splits. */
export function HubDatasetFields(props: DatasetFieldsProps): JSX.Element {
  const studio = useStudio();
  const { api, trans } = studio;
  const { model, ask } = props;
  const { repo, revision } = model.values;
  const [chosen, setChosen] = React.useState(repo);
  const search = useHubSearch<HubDataset>(
    repo === chosen ? '' : repo,
    (q, signal) => api.hub.datasets(q, { signal })
  );
  React.useEffect(() => {
    const timer = window.setTimeout(() => void model.ask(false), ASK_MS);
    return () => window.clearTimeout(timer);
  }, [repo, revision]);
  const choose = (id: string) => {
    setChosen(id);
    model.set({ repo: id, config: '', splits: [], columns: {} });
    void model.ask(true);
  };
  return (
    <>
      <TextField
        label={trans.__('Dataset id')}
        value={repo}
        required
        placeholder={EXAMPLES.id}
        help={trans.__('Words to search for, or owner/dataset.')}
        error={fieldError(
          model.error,
          'source',
          'repo_id',
          'source.repo_id',
          'source.hub.repo_id'
        )}
        onChange={text => {
          setChosen('');
          model.set({ repo: text, config: '', splits: [], columns: {} });
        }}
      />
      <HubResults
        label={trans.__('Datasets of the hub')}
        search={search}
        chosen={repo}
        onChoose={found => choose(found.id)}
        detail={found => (
          <RepoDetail repo={found} more={sizeOf(found, trans)} />
        )}
      />
      <AccessNote
        about={model.info}
        error={model.infoError}
        onToken={() =>
          ask(() => setHubToken(studio).then(() => model.ask(true)))
        }
      />
      <Subset model={model} info={model.info} />
    </>
  );
}

function sizeOf(found: HubDataset, trans: TranslationBundle): string[] {
  const rows = found.rows
    ? trans.__('%1 rows', formatCount(found.rows))
    : (found.size_category ?? '');
  return [rows, found.size_bytes ? formatBytes(found.size_bytes) : ''];
}

/** Subset, splits and revision; choices once the hub told which there are. */
function Subset(props: {
  model: DatasetForm;
  info: HubDatasetInfo | null;
}): JSX.Element {
  const { trans } = useStudio();
  const { model, info } = props;
  const { config, revision } = model.values;
  const configs = info?.configs ?? [];
  const set = (name: string) =>
    model.set({ config: name, splits: [], columns: {} });
  const named = configs.find(item => item.name === config);
  const used = named ?? configs.find(item => item.default) ?? configs[0];
  const error = fieldError(model.error, 'source.config', 'config');
  return (
    <>
      <div className="jp-FtStudio-pair">
        {configs.length > 0 ? (
          <SelectField
            label={trans.__('Subset')}
            value={used.name}
            onChange={set}
            error={error}
            choices={configs.map(item => ({
              value: item.name,
              label: subsetLabel(item, trans)
            }))}
          />
        ) : (
          <TextField
            label={trans.__('Subset')}
            value={config}
            placeholder={trans.__('Default')}
            error={error}
            onChange={set}
          />
        )}
        <TextField
          label={trans.__('Revision')}
          value={revision}
          placeholder={EXAMPLES.main}
          error={fieldError(model.error, 'source.revision', 'revision')}
          onChange={text => model.set({ revision: text })}
        />
      </div>
      {used && used.splits.length > 1 && (
        <SplitBoxes model={model} config={used} />
      )}
    </>
  );
}

function subsetLabel(config: HubConfig, trans: TranslationBundle): string {
  const parts = [
    config.name,
    config.rows === null ? '' : trans.__('%1 rows', formatCount(config.rows)),
    config.download_bytes === null ? '' : formatBytes(config.download_bytes)
  ];
  return parts.filter(Boolean).join(' · ');
}

function SplitBoxes(props: {
  model: DatasetForm;
  config: HubConfig;
}): JSX.Element {
  const { trans } = useStudio();
  const { model, config } = props;
  const all = config.splits.map(split => split.name);
  const chosen = model.values.splits.length ? model.values.splits : all;
  const toggle = (name: string, on: boolean) => {
    const next = all.filter(other =>
      other === name ? on : chosen.includes(other)
    );
    model.set({ splits: next.length === all.length ? [] : next });
  };
  return (
    <fieldset className="jp-FtStudio-switch">
      <legend>{trans.__('Splits')}</legend>
      {config.splits.map(split => (
        <label key={split.name}>
          <input
            type="checkbox"
            checked={chosen.includes(split.name)}
            // Nothing at all cannot be imported.
            disabled={chosen.length === 1 && chosen[0] === split.name}
            onChange={event => toggle(split.name, event.target.checked)}
          />
          {split.name}
          {split.rows !== null && (
            <span className="jp-FtStudio-muted">
              {trans.__('%1 rows', formatNumber(split.rows))}
            </span>
          )}
        </label>
      ))}
    </fieldset>
  );
}
