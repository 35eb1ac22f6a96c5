import type { TranslationBundle } from '@jupyterlab/translation';
import { downloadIcon, runIcon as trainIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { Adapter, BaseModelRecord } from '../api';
import { ADAPTER_TYPE } from '../compare/drag';
import { formatAgo, formatBytes, formatCount, formatNumber } from '../format';
import { adapterIcon, compareIcon, modelIcon } from '../icons';
import { useStudio } from '../shell/context';
import type { ListModel } from '../state';
import { useModels } from '../state';
import { CommandIDs } from '../tokens';
import { Mark, Row } from './row';
import { Section } from './section';

/** Base models, each with the adapters that were trained on it. */
export function Models(): JSX.Element {
  const studio = useStudio();
  const { trans, models, adapters } = studio;
  useModels(models, adapters);
  const add = () => studio.execute(CommandIDs.importModel);
  const known = new Set(models.items.map(model => model.id));
  const orphans = adapters.items.filter(
    adapter => !adapter.base_model_id || !known.has(adapter.base_model_id)
  );
  return (
    <Section
      id="models"
      title={trans.__('Models & adapters')}
      lists={
        [models, adapters] as unknown as ListModel<BaseModelRecord | Adapter>[]
      }
      add={{
        label: trans.__('Import base model or adapter'),
        onClick: event =>
          studio.menu(
            [CommandIDs.importModel, CommandIDs.importAdapter],
            event.currentTarget
          )
      }}
      empty={{
        text: trans.__('A base model is what adapters are trained on.'),
        action: trans.__('Import a base model'),
        onClick: add
      }}
    >
      <ul className="jp-FtStudio-list">
        {models.items.map(model => (
          <ModelRow
            key={model.id}
            model={model}
            adapters={adapters.items.filter(
              adapter => adapter.base_model_id === model.id
            )}
          />
        ))}
        {orphans.map(adapter => (
          <AdapterRow key={adapter.id} adapter={adapter} />
        ))}
      </ul>
    </Section>
  );
}

function ModelRow(props: {
  model: BaseModelRecord;
  adapters: Adapter[];
}): JSX.Element {
  const studio = useStudio();
  const { trans } = studio;
  const { model, adapters } = props;
  return (
    <Row
      kind="model"
      id={model.id}
      name={model.name}
      onOpen={() => studio.openModel(model.id)}
      mark={<Mark icon={modelIcon} />}
      detail={modelDetail(model, trans)}
      title={model.name}
      actions={[
        {
          icon: trainIcon,
          label: trans.__('Train on %1', model.name),
          onClick: () => studio.openTrain({ base_model: model.name })
        }
      ]}
    >
      {adapters.length > 0 && (
        <ul className="jp-FtStudio-list jp-FtStudio-sublist">
          {adapters.map(adapter => (
            <AdapterRow key={adapter.id} adapter={adapter} />
          ))}
        </ul>
      )}
    </Row>
  );
}

function modelDetail(
  { facts, source }: BaseModelRecord,
  trans: TranslationBundle
): string {
  const parts = [
    facts.parameters
      ? trans.__('%1 parameters', formatCount(facts.parameters))
      : '',
    facts.size_bytes ? formatBytes(facts.size_bytes) : '',
    source.source === 'hub' ? trans.__('hub') : ''
  ];
  return parts.filter(Boolean).join(' · ');
}

function AdapterRow({ adapter }: { adapter: Adapter }): JSX.Element {
  const studio = useStudio();
  const { trans } = studio;
  return (
    <Row
      kind="adapter"
      id={adapter.id}
      name={adapter.name}
      onOpen={() => studio.openAdapter(adapter.id)}
      mark={<Mark icon={adapterIcon} />}
      detail={adapterDetail(adapter, trans)}
      title={adapterTitle(adapter, trans)}
      dragType={ADAPTER_TYPE}
      actions={[
        {
          icon: compareIcon,
          label: trans.__('Compare %1 with its base', adapter.name),
          why: adapter.base_model_id
            ? null
            : trans.__('Its base model is not imported'),
          onClick: () => studio.openCompare({ adapter: adapter.id })
        },
        {
          icon: downloadIcon,
          label: trans.__('Download %1', adapter.name),
          onClick: () =>
            studio.execute(CommandIDs.downloadAdapter, { id: adapter.id })
        }
      ]}
    />
  );
}

function adapterDetail(adapter: Adapter, trans: TranslationBundle): string {
  const { metrics } = adapter.manifest;
  const loss = metrics.eval_loss ?? metrics.loss ?? metrics.train_loss;
  return [
    loss === undefined ? '' : trans.__('loss %1', formatNumber(loss)),
    formatBytes(adapter.size_bytes),
    formatAgo(adapter.created_at, trans)
  ]
    .filter(Boolean)
    .join(' · ');
}

function adapterTitle(adapter: Adapter, trans: TranslationBundle): string {
  const base = adapter.manifest.base_model['name'];
  return [
    adapter.name,
    typeof base === 'string' ? trans.__('Base model: %1', base) : '',
    adapter.path
  ]
    .filter(Boolean)
    .join('\n');
}
