import * as React from 'react';

import type { BaseModelRecord } from '../api';
import { Button } from '../components';
import { useStudio } from '../shell/context';
import { RecordPage, TabHead } from '../shell/record';
import type { ITabHandle } from '../shell/tab';
import { useModels } from '../state';
import { ModelFacts, TokenizerFacts } from './facts';
import { FitBadge, MemoryTable } from './fit';

/** A base model: what its files say, and the adapters trained on it. */
export function ModelView(props: { id: string; tab: ITabHandle }): JSX.Element {
  const { api, models } = useStudio();
  return (
    <RecordPage
      {...props}
      load={id => api.models.get(id)}
      changes={models.changed}
    >
      {model => <ModelPage model={model} />}
    </RecordPage>
  );
}

function ModelPage({ model }: { model: BaseModelRecord }): JSX.Element {
  const studio = useStudio();
  const { trans } = studio;
  const { facts, fit } = model;
  const subtitle = (
    <>
      {source(model)} {fit && <FitBadge fit={fit} />}
    </>
  );
  return (
    <>
      <TabHead title={model.name} subtitle={subtitle}>
        <Button
          kind="primary"
          label={trans.__('New training run')}
          onClick={() => studio.openTrain({ base_model: model.name })}
        />
      </TabHead>
      <div className="jp-FtStudio-halves">
        <section aria-label={trans.__('Model')}>
          <h2>{trans.__('Model')}</h2>
          <ModelFacts facts={facts} />
        </section>
        <section aria-label={trans.__('Tokenizer')}>
          <h2>{trans.__('Tokenizer')}</h2>
          <TokenizerFacts facts={facts} />
        </section>
        {facts.memory && (
          <section aria-label={trans.__('Memory')}>
            <h2>{trans.__('Memory')}</h2>
            <MemoryTable memory={facts.memory} fit={fit} />
          </section>
        )}
        <Trained model={model} />
      </div>
    </>
  );
}

function Trained({ model }: { model: BaseModelRecord }): JSX.Element {
  const studio = useStudio();
  const { trans, adapters } = studio;
  useModels(adapters);
  const trained = adapters.items.filter(
    adapter => adapter.base_model_id === model.id
  );
  return (
    <section aria-label={trans.__('Adapters')}>
      <h2>{trans.__('Adapters')}</h2>
      {trained.length === 0 ? (
        <p className="jp-FtStudio-muted">
          {trans.__('None yet. A training run on this model makes one.')}
        </p>
      ) : (
        <ul className="jp-FtStudio-links">
          {trained.map(adapter => (
            <li key={adapter.id}>
              <Button
                kind="plain"
                label={adapter.name}
                onClick={() => studio.openAdapter(adapter.id)}
              />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function source({
  source: from,
  path,
  source_revision
}: BaseModelRecord): string {
  if (from.source === 'directory') {
    return path ?? from.path;
  }
  return source_revision
    ? `${from.repo_id} @ ${source_revision.slice(0, 8)}`
    : from.repo_id;
}
