import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { IStatusBar } from '@jupyterlab/statusbar';
import * as React from 'react';

import { isActive } from '../components';
import { formatPercent } from '../format';
import { runIcon } from '../icons';
import { StudioWidget, useStudio } from '../shell/context';
import { useModels } from '../state';
import { CommandIDs, IFtStudio } from '../tokens';

/** Running and waiting runs in the status bar; nothing while there are none. */
export const statusBarPlugin: JupyterFrontEndPlugin<void> = {
  id: 'ftstudio-ext:status-bar',
  description: 'Running training runs in the status bar.',
  autoStart: true,
  requires: [IFtStudio],
  optional: [IStatusBar],
  activate: (
    _: JupyterFrontEnd,
    studio: IFtStudio,
    statusBar: IStatusBar | null
  ) => {
    const item = new StudioWidget(studio, <StatusItem />);
    item.addClass('jp-FtStudio-statusItem');
    statusBar?.registerStatusItem('ftstudio-ext:status-bar', {
      align: 'left',
      rank: 50,
      item,
      isActive: () => unfinished(studio).length > 0,
      activeStateChanged: studio.jobs.changed
    });
  }
};

function unfinished({ jobs }: IFtStudio): IFtStudio['jobs']['items'] {
  return jobs.items.filter(
    job => isActive(job.state) || job.state === 'queued'
  );
}

function StatusItem(): JSX.Element | null {
  const studio = useStudio();
  const { trans, jobs } = studio;
  useModels(jobs);
  const found = unfinished(studio);
  const running = found.find(job => isActive(job.state));
  const queued = found.filter(job => job.state === 'queued').length;
  if (!found.length) {
    return null;
  }
  const { step, total_steps } = running?.progress ?? {};
  const share = step && total_steps ? formatPercent(step / total_steps) : '';
  const text = [
    running ? `${running.name} ${share}`.trim() : '',
    queued ? trans.__('%1 queued', queued) : ''
  ];
  return (
    <button
      type="button"
      className="jp-FtStudio-statusButton"
      title={trans.__('Fine-tuning Studio')}
      onClick={() =>
        running
          ? studio.openRun(running.id)
          : studio.execute(CommandIDs.openSidebar)
      }
    >
      <runIcon.react tag="span" elementSize="normal" />
      <span>{text.filter(Boolean).join(' · ')}</span>
    </button>
  );
}
