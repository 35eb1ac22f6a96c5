import { Dialog, showDialog } from '@jupyterlab/apputils';

import type { JobDetail } from '../api';
import { formatNumber } from '../format';
import type { RunModel } from './model';
import type { IFtStudio } from '../tokens';

const SAVE = 'save';
const NOW = 'now';

/** Ask how to stop a run, and do it. */
export async function stopRun(
  studio: IFtStudio,
  model: RunModel
): Promise<void> {
  const { trans } = studio;
  const { job } = model;
  if (!job) {
    return;
  }
  if (job.state === 'queued' || job.state === 'held') {
    const sure = await studio.messages.confirm(
      trans.__('Take “%1” out of the queue?', job.name),
      trans.__('It has not begun, so nothing is lost.'),
      trans.__('Take out')
    );
    return sure ? model.stop(false) : undefined;
  }
  const result = await showDialog({
    title: trans.__('Stop “%1”?', job.name),
    body: consequences(job, studio),
    buttons: [
      Dialog.cancelButton({ label: trans.__('Go on training') }),
      Dialog.warnButton({ label: trans.__('Stop now'), actions: [NOW] }),
      Dialog.okButton({ label: trans.__('Stop and save'), actions: [SAVE] })
    ],
    defaultButton: 2
  });
  if (result.button.actions.includes(SAVE)) {
    await model.stop(true);
  } else if (result.button.actions.includes(NOW)) {
    await model.stop(false);
  }
}

function consequences(job: JobDetail, { trans }: IFtStudio): string {
  const saved = job.last_checkpoint_step;
  const step = job.progress?.step ?? 0;
  const loss = saved
    ? step > saved
      ? trans.__('Stop now: loses the steps since %1.', formatNumber(saved))
      : trans.__(
          'Stop now: loses nothing, step %1 is saved.',
          formatNumber(saved)
        )
    : trans.__(
        'Stop now: loses all %1 steps, as none is saved yet.',
        formatNumber(step)
      );
  const save = trans.__(
    'Stop and save: writes a checkpoint after the present step, from which the run can be resumed.'
  );
  return `${save}\n\n${loss}`;
}
