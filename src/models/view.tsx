import * as React from 'react';

import type { BaseModelRecord } from '../api';
import { Button } from '../components';
import { formatBytes, formatCount, formatNumber } from '../format';
import { useStudio } from '../shell/context';
import type { Fact } from '../shell/record';
import { Facts, RecordPage, TabHead } from '../shell/record';
import type { ITabHandle } from '../shell/tab';
import { useModels } from '../state';

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
  const { trans, adapters } = studio;
  useModels(adapters);
  const trained = adapters.items.filter(
    adapter => adapter.base_model_id === model.id
  );
  return (
    <>
      <TabHead title={model.name} subtitle={source(model)}>
        <Button
          kind="primary"
          label={trans.__('New training run')}
          onClick={() => studio.openTrain({ base_model: model.name })}
        />
      </TabHead>
      <ModelFacts model={model} />
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
    </>
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

function ModelFacts({ model }: { model: BaseModelRecord }): JSX.Element {
  const { trans } = useStudio();
  const { facts } = model;
  const shown: Fact[] = [
    [trans.__('Architecture'), facts.architecture],
    [
      trans.__('Parameters'),
      facts.parameters && formatCount(facts.parameters),
      facts.parameters ? formatNumber(facts.parameters) : undefined
    ],
    [
      trans.__('Size on disk'),
      facts.size_bytes && formatBytes(facts.size_bytes)
    ],
    [trans.__('Precision'), facts.dtype],
    [
      trans.__('Context length'),
      facts.context_length &&
        trans.__('%1 tokens', formatNumber(facts.context_length))
    ],
    [
      trans.__('Vocabulary'),
      facts.vocab_size && formatNumber(facts.vocab_size)
    ],
    [trans.__('Layers'), facts.layers],
    [trans.__('Hidden size'), facts.hidden_size],
    [trans.__('Already quantized'), facts.quantized],
    [
      trans.__('End of sequence'),
      facts.eos_token && <code>{facts.eos_token}</code>
    ],
    [trans.__('Padding'), facts.pad_token && <code>{facts.pad_token}</code>],
    [
      trans.__('Chat template'),
      facts.chat_template ? trans.__('yes') : trans.__('no')
    ]
  ];
  return <Facts facts={shown} />;
}
