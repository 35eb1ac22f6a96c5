import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Dataset } from '../api';
import { useFileDrop } from '../components';
import { formatBytes, formatCount, formatNumber } from '../format';
import { datasetIcon, promptIcon } from '../icons';
import { useStudio } from '../shell/context';
import { useModels } from '../state';
import { CommandIDs } from '../tokens';
import { Mark, Row } from './row';
import { Section } from './section';

/** Imported datasets. */
export function Datasets(): JSX.Element {
  const studio = useStudio();
  const { trans, datasets } = studio;
  useModels(datasets);
  const add = () => studio.execute(CommandIDs.importDataset);
  const { over, handlers } = useFileDrop(files => {
    studio.importFiles(files).catch(reason => studio.messages.error(reason));
  });
  return (
    <div
      className="jp-FtStudio-dropTarget"
      data-over={over}
      title={over ? trans.__('Drop to import as a dataset') : undefined}
      {...handlers}
    >
      <Section
        id="datasets"
        title={trans.__('Datasets')}
        lists={[datasets]}
        add={{ label: trans.__('Import dataset'), onClick: add }}
        empty={{
          text: trans.__('Rows to learn from: CSV, JSON, Parquet, or the hub.'),
          action: trans.__('Import a dataset'),
          onClick: add
        }}
      >
        <ul className="jp-FtStudio-list">
          {datasets.items.map(dataset => (
            <Row
              key={dataset.id}
              kind="dataset"
              id={dataset.id}
              name={dataset.name}
              onOpen={() => studio.openDataset(dataset.id)}
              mark={<Mark icon={datasetIcon} />}
              detail={
                <span data-state={dataset.state}>
                  {datasetDetail(dataset, trans)}
                </span>
              }
              title={datasetTitle(dataset, trans)}
              actions={[
                {
                  icon: promptIcon,
                  label: trans.__('New prompt for %1', dataset.name),
                  why:
                    dataset.state === 'ready'
                      ? null
                      : trans.__('The dataset is not imported yet'),
                  onClick: () => studio.newPrompt(dataset.id)
                }
              ]}
            />
          ))}
        </ul>
      </Section>
    </div>
  );
}

/** The second line of a dataset. */
export function datasetDetail(
  dataset: Dataset,
  trans: TranslationBundle
): string {
  if (dataset.state === 'importing') {
    return trans.__('Importing…');
  }
  if (dataset.state === 'failed') {
    return dataset.error ?? trans.__('Import failed');
  }
  const { rows, findings } = dataset;
  return [
    trans._n('1 row', '%2 rows', rows, formatCount(rows)),
    findings === null
      ? formatBytes(dataset.bytes)
      : findings === 0
        ? trans.__('no findings')
        : trans._n('1 finding', '%1 findings', findings, findings)
  ].join(' · ');
}

function datasetTitle(dataset: Dataset, trans: TranslationBundle): string {
  const splits = dataset.splits.map(
    split => `${split.name}: ${formatNumber(split.rows)}`
  );
  const columns = dataset.columns.map(column => column.name).join(', ');
  return [
    dataset.name,
    dataset.error ?? '',
    splits.length ? trans.__('Rows: %1', splits.join(', ')) : '',
    columns ? trans.__('Columns: %1', columns) : ''
  ]
    .filter(Boolean)
    .join('\n');
}
