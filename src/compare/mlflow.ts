import type { JobDetail } from '../api';
import { isFinal } from '../components';
import { openLink } from '../shell/mlflow';
import type { IFtStudio } from '../tokens';

const LOOK_MS = 500;

/**
 * Show a kept comparison in MLflow, as it is now with its votes; logs it there first where that
 * has not been done. Logging is a light job: closing the tab does not end it.
 */
export async function showInMlflow(
  studio: IFtStudio,
  id: string
): Promise<void> {
  const { api, messages, trans } = studio;
  const job = await logged(studio, id);
  if (job.state !== 'succeeded') {
    messages.warning(
      job.error?.message ?? trans.__('The comparison was not logged.'),
      { label: trans.__('Show'), run: () => studio.openRun(job.id) }
    );
    return;
  }
  openLink(studio, await api.jobs.mlflow(job.id));
}

/** The job that has logged this state of the comparison: the same state is logged once. */
async function logged({ api }: IFtStudio, id: string): Promise<JobDetail> {
  const { revision } = await api.comparisons.get(id);
  const request_id = `mlflow-${id}-${revision}`;
  let job = await api.comparisons.logToMlflow(id, { request_id });
  if (isFinal(job.state) && job.state !== 'succeeded') {
    await api.jobs.resume(job.id);
    job = await api.jobs.get(job.id);
  }
  while (!isFinal(job.state)) {
    await new Promise(done => setTimeout(done, LOOK_MS));
    job = await api.jobs.get(job.id, { background: true });
  }
  return job;
}
