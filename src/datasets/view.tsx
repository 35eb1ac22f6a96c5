import * as React from 'react';

import type { Dataset } from '../api';
import { Button } from '../components';
import { formatBytes, formatNumber, formatTime } from '../format';
import { useStudio } from '../shell/context';
import { RecordPage, TabHead } from '../shell/record';
import type { ITabHandle } from '../shell/tab';
import { useModels } from '../state';
import { CheckBar } from './check';
import { Columns } from './columns';
import { Findings } from './findings';
import { Failed, Importing } from './importing';
import { ProfileModel } from './profile';
import type { RowAim } from './rows';
import { Rows } from './rows';
import { RowsModel } from './rowsmodel';
import { SourceNote, sourceWords } from './source';
import { Tokens } from './tokens';

/** A dataset: where it comes from, what is wrong with it, its columns, its rows. */
export function DatasetView(props: {
  id: string;
  tab: ITabHandle;
}): JSX.Element {
  const { api, datasets } = useStudio();
  return (
    <RecordPage
      {...props}
      load={id => api.datasets.get(id)}
      changes={datasets.changed}
    >
      {dataset => <DatasetPage dataset={dataset} />}
    </RecordPage>
  );
}

function DatasetPage({ dataset }: { dataset: Dataset }): JSX.Element {
  const studio = useStudio();
  const { trans } = studio;
  const ready = dataset.state === 'ready';
  const why = ready ? null : trans.__('The dataset is not imported yet');
  return (
    <>
      <TabHead title={dataset.name} subtitle={sourceWords(dataset, trans)}>
        <Button
          label={trans.__('New prompt')}
          why={why}
          onClick={() => studio.newPrompt(dataset.id)}
        />
        <Button
          kind="primary"
          label={trans.__('New training run')}
          why={why}
          onClick={() => studio.openTrain({ dataset: dataset.name })}
        />
      </TabHead>
      {dataset.state === 'importing' && <Importing dataset={dataset} />}
      {dataset.state === 'failed' && <Failed dataset={dataset} />}
      {ready && (
        <DatasetBody
          // Rows and findings are those of one content.
          key={`${dataset.id} ${dataset.content_hash}`}
          dataset={dataset}
        />
      )}
    </>
  );
}

function DatasetBody({ dataset }: { dataset: Dataset }): JSX.Element {
  const studio = useStudio();
  const { trans } = studio;
  const [aim, setAim] = React.useState<RowAim | null>(null);
  const rows = React.useMemo(
    () => new RowsModel(studio, dataset.id, dataset.splits[0]?.name ?? ''),
    []
  );
  const profile = React.useMemo(() => new ProfileModel(studio, dataset.id), []);
  useModels(profile);
  React.useEffect(() => {
    void profile.load();
    return () => {
      rows.dispose();
      profile.dispose();
    };
  }, []);
  const found = profile.profile;
  return (
    <>
      <p className="jp-FtStudio-summaryLine">{summary(dataset, trans)}</p>
      <SourceNote dataset={dataset} />
      <section aria-label={trans.__('Check')}>
        <h2>{trans.__('Findings')}</h2>
        <CheckBar dataset={dataset} model={profile} />
        <Findings
          dataset={dataset}
          model={profile}
          onAim={to => setAim({ ...to })}
        />
      </section>
      {found?.tokens && <Tokens dataset={dataset} tokens={found.tokens} />}
      {found && (
        <section>
          <h2>{trans.__('Columns')}</h2>
          <Columns profile={found} />
        </section>
      )}
      <Rows dataset={dataset} rows={rows} aim={aim} />
    </>
  );
}

/** Rows, splits, columns, size, age, in a line. */
function summary(
  dataset: Dataset,
  trans: ReturnType<typeof useStudio>['trans']
): React.ReactNode {
  const { rows, splits, columns, bytes, created_at, content_hash } = dataset;
  const parts = splits.map(
    split => `${split.name} ${formatNumber(split.rows)}`
  );
  return (
    <>
      <strong>{trans._n('1 row', '%2 rows', rows, formatNumber(rows))}</strong>
      {splits.length > 1 && ` (${parts.join(', ')})`}
      {' · '}
      {trans._n('1 column', '%1 columns', columns.length, columns.length)}
      {' · '}
      <span
        title={
          content_hash
            ? trans.__('SHA-256 over all rows: %1', content_hash)
            : undefined
        }
      >
        {formatBytes(bytes)}
      </span>
      {' · '}
      {trans.__('imported %1', formatTime(created_at))}
    </>
  );
}
