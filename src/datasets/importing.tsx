import * as React from 'react';

import type { Dataset, JobDetail } from '../api';
import { ApiError } from '../api';
import { ErrorBox } from '../components';
import { useStudio } from '../shell/context';
import { JobProgress, useJob } from './job';

/** An import under way: how far it is, and a way to end it. */
export function Importing({ dataset }: { dataset: Dataset }): JSX.Element {
  const { datasets, trans } = useStudio();
  const job = useJob(dataset.job_id, () => void datasets.refresh());
  return (
    <div className="jp-FtStudio-importing">
      <p>
        {trans.__('The dataset is being imported; this tab opens with it.')}
      </p>
      <JobProgress job={job} label={trans.__('Import of %1', dataset.name)} />
    </div>
  );
}

/** Why the import failed, what to do, and a second try where the job can be had again. */
export function Failed({ dataset }: { dataset: Dataset }): JSX.Element {
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
