import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { HubModel, HubModelInfo } from '../api';
import { ApiError } from '../api';
import { fieldError, TextField } from '../components';
import { formatBytes, formatCount } from '../format';
import { AccessNote, RepoDetail } from '../hub/access';
import { HubResults, useHubSearch } from '../hub/search';
import { setHubToken } from '../hub/token';
import { FitBadge, MemoryTable } from '../models/fit';
import { useStudio } from '../shell/context';
import type { ModelFieldsProps } from './model';

const ASK_MS = 500;
/** Shown in empty inputs; names, so not translated. */
const EXAMPLES = { id: 'HuggingFaceTB/SmolLM2-135M-Instruct', main: 'main' };

/** A model of the hub: searched for or named, and whether it fits here. */
export function HubModelFields(props: ModelFieldsProps): JSX.Element {
  const { studio, model, ask } = props;
  const { api, trans } = studio;
  const { repo, revision } = model.values;
  const [chosen, setChosen] = React.useState(repo);
  const search = useHubSearch<HubModel>(
    repo === chosen ? '' : repo,
    (q, signal) => api.hub.models(q, { signal })
  );
  const { info, error, again } = useModelInfo(repo.trim(), revision.trim());
  return (
    <>
      <div className="jp-FtStudio-pair jp-FtStudio-mod-firstWide">
        <TextField
          label={trans.__('Model id')}
          value={repo}
          required
          placeholder={EXAMPLES.id}
          help={trans.__('Words to search for, or owner/model.')}
          error={fieldError(model.error, 'source', 'repo_id', 'source.repo_id')}
          onChange={text => {
            setChosen('');
            model.set({ repo: text });
          }}
        />
        <TextField
          label={trans.__('Revision')}
          value={revision}
          placeholder={EXAMPLES.main}
          error={fieldError(model.error, 'source.revision', 'revision')}
          onChange={text => model.set({ revision: text })}
        />
      </div>
      <HubResults
        label={trans.__('Models of the hub')}
        search={search}
        chosen={repo}
        onChoose={found => {
          setChosen(found.id);
          model.set({ repo: found.id });
        }}
        detail={found => (
          <>
            {found.fit && <FitBadge fit={found.fit} />}
            <RepoDetail repo={found} more={sizeOf(found, trans)} />
          </>
        )}
      />
      <AccessNote
        about={info}
        error={error}
        onToken={() => ask(() => setHubToken(studio).then(again))}
      />
      {info && <About info={info} />}
    </>
  );
}

function sizeOf(found: HubModel, trans: TranslationBundle): string[] {
  return [
    found.parameters
      ? trans.__('%1 parameters', formatCount(found.parameters))
      : '',
    found.quantized ? trans.__('quantized: %1', found.quantized) : ''
  ];
}

/** What the hub says of one model, asked for once its id is whole. */
function useModelInfo(
  id: string,
  revision: string
): { info: HubModelInfo | null; error: ApiError | null; again: () => void } {
  const { api } = useStudio();
  const [info, setInfo] = React.useState<HubModelInfo | null>(null);
  const [error, setError] = React.useState<ApiError | null>(null);
  const [turn, setTurn] = React.useState(0);
  React.useEffect(() => {
    setInfo(null);
    setError(null);
    if (!/^[\w.-]+\/[\w.-]+$/.test(id)) {
      return;
    }
    const abort = new AbortController();
    const timer = window.setTimeout(() => {
      api.hub
        .model(id, revision, { signal: abort.signal })
        .then(setInfo, reason =>
          abort.signal.aborted ? undefined : setError(ApiError.from(reason))
        );
    }, ASK_MS);
    return () => {
      window.clearTimeout(timer);
      abort.abort();
    };
  }, [id, revision, turn]);
  return { info, error, again: () => setTurn(turn + 1) };
}

function About({ info }: { info: HubModelInfo }): JSX.Element {
  const { trans } = useStudio();
  const memory = info.facts?.memory ?? info.memory;
  const parts = [
    info.facts?.architecture ?? info.model_type,
    info.parameters && trans.__('%1 parameters', formatCount(info.parameters)),
    info.facts?.context_length &&
      trans.__('%1 tokens of context', formatCount(info.facts.context_length)),
    info.facts?.size_bytes &&
      trans.__('%1 to download', formatBytes(info.facts.size_bytes)),
    info.licence
  ].filter(Boolean);
  return (
    <section aria-label={trans.__('About %1', info.id)}>
      {info.problem && (
        <div className="jp-FtStudio-note" role="status">
          {info.problem}
        </div>
      )}
      <p className="jp-FtStudio-muted">{parts.join(' · ')}</p>
      {memory && <MemoryTable memory={memory} fit={info.fit} />}
    </section>
  );
}
