import * as React from 'react';

import type { Dataset, JobDetail } from '../api';
import { ApiError } from '../api';
import { Button, ErrorBox, ProgressBar } from '../components';
import { formatBytes, formatNumber, formatTime } from '../format';
import { useStudio } from '../shell/context';
import { Facts, RecordPage, TabHead } from '../shell/record';
import type { ITabHandle } from '../shell/tab';
import { RowsGrid } from './rows';

/** A dataset: where it comes from, its columns and splits, its rows. */
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
      <TabHead title={dataset.name} subtitle={source(dataset)}>
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
        <>
          <DatasetFacts dataset={dataset} />
          <RowsGrid key={dataset.id} dataset={dataset} />
        </>
      )}
    </>
  );
}

/** Why the import failed, what to do, and a second try where the job can be had again. */
function Failed({ dataset }: { dataset: Dataset }): JSX.Element {
  const { api, datasets, messages, trans } = useStudio();
  const [job, setJob] = React.useState<JobDetail | null>(null);
  React.useEffect(() => {
    if (dataset.job_id) {
      // The dataset itself says what happened; the job may be deleted by now.
      api.jobs.get(dataset.job_id).then(setJob, () => setJob(null));
    }
  }, [dataset.job_id, dataset.updated_at]);
  const again = async (id: string) => {
    try {
      await api.jobs.resume(id);
      await datasets.refresh();
    } catch (reason) {
      messages.error(reason);
    }
  };
  return (
    <ErrorBox
      error={
        job?.error
          ? new ApiError(job.error, 0)
          : (dataset.error ?? trans.__('The import failed.'))
      }
      retry={job?.can_resume ? () => void again(job.id) : undefined}
    />
  );
}

function Importing({ dataset }: { dataset: Dataset }): JSX.Element {
  const studio = useStudio();
  const { trans } = studio;
  React.useEffect(() => {
    const timer = window.setInterval(
      () => void studio.datasets.refresh(true),
      1000
    );
    return () => window.clearInterval(timer);
  }, []);
  return (
    <div className="jp-FtStudio-importing">
      <p>
        {trans.__('The dataset is being imported; this tab opens with it.')}
      </p>
      <ProgressBar
        share={null}
        label={trans.__('Import of %1', dataset.name)}
      />
    </div>
  );
}

function source({ source: from, source_revision }: Dataset): string {
  if (from.source === 'hub') {
    const commit = source_revision ? ` @ ${source_revision.slice(0, 8)}` : '';
    return `${from.repo_id}${from.config ? ` · ${from.config}` : ''}${commit}`;
  }
  return typeof from.path === 'string'
    ? from.path
    : Object.values(from.path).join(', ');
}

function DatasetFacts({ dataset }: { dataset: Dataset }): JSX.Element {
  const { trans } = useStudio();
  const splits = dataset.splits
    .map(split => `${split.name} ${formatNumber(split.rows)}`)
    .join(' · ');
  return (
    <Facts
      facts={[
        [trans.__('Rows'), formatNumber(dataset.rows)],
        [trans.__('Splits'), splits],
        [
          trans.__('Size'),
          formatBytes(dataset.bytes),
          `${dataset.bytes} bytes`
        ],
        [trans.__('Imported'), formatTime(dataset.created_at)],
        [
          trans.__('Content'),
          dataset.content_hash?.slice(0, 12),
          dataset.content_hash
            ? trans.__('SHA-256 over all rows: %1', dataset.content_hash)
            : undefined
        ]
      ]}
    />
  );
}
