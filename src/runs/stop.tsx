import { Dialog, showDialog } from '@jupyterlab/apputils';
import * as React from 'react';

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
    body: <Consequences job={job} studio={studio} />,
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

/** What either way of stopping costs. */
function Consequences(props: {
  job: JobDetail;
  studio: IFtStudio;
}): JSX.Element {
  const { job, studio } = props;
  const { trans } = studio;
  const saved = job.last_checkpoint_step;
  const step = job.progress?.step ?? 0;
  return (
    <dl className="jp-FtStudio-consequences">
      <dt>{trans.__('Stop and save')}</dt>
      <dd>
        {trans.__(
          'Writes a checkpoint after the present step, from which the run can be resumed.'
        )}
      </dd>
      <dt>{trans.__('Stop now')}</dt>
      <dd>{lossInWords()}</dd>
    </dl>
  );

  function lossInWords(): string {
    if (!saved) {
      return step
        ? trans._n(
            'Loses the one step done, as none is saved yet.',
            'Loses all %1 steps, as none is saved yet.',
            step
          )
        : trans.__('Loses nothing but time: no step is done yet.');
    }
    return step > saved
      ? trans.__('Loses the steps since %1.', formatNumber(saved))
      : trans.__('Loses nothing: step %1 is saved.', formatNumber(saved));
  }
}
