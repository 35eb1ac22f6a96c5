import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ILayoutRestorer } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { Debouncer } from '@lumino/polling';
import * as React from 'react';

import { runIcon } from '../icons';
import { StudioWidget } from '../shell/context';
import type { ITabHandle, TabArgs } from '../shell/tab';
import { registerTab } from '../shell/tab';
import { CommandIDs, IFtStudio } from '../tokens';
import { TrainModel } from './model';
import { TrainView } from './view';

const DRAFT_MS = 500;

/** The tab in which a training run is set up. */
export const trainPlugin: JupyterFrontEndPlugin<void> = {
  id: 'ftstudio-ext:training',
  description: 'The form from which training runs are started.',
  autoStart: true,
  requires: [IFtStudio],
  optional: [ILayoutRestorer, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    studio: IFtStudio,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null
  ) => {
    const { trans } = studio;
    registerTab(app, restorer, {
      command: CommandIDs.newRun,
      namespace: 'ftstudio-train',
      label: trans.__('New training run'),
      icon: runIcon,
      key: ({ from_job, base_model, dataset, prompt }) =>
        [from_job, base_model, dataset, prompt].filter(Boolean).join('-') ||
        'new',
      create: (args, tab) => createTrain(studio, args, tab)
    });
    palette?.addItem({
      command: CommandIDs.newRun,
      category: trans.__('Fine-tuning Studio'),
      args: { isPalette: true }
    });
  }
};

function createTrain(
  studio: IFtStudio,
  args: TabArgs,
  tab: ITabHandle
): StudioWidget {
  const model = new TrainModel(studio, args);
  const draft = new Debouncer(() => {
    tab.become({ ...args, draft: model.form?.save() });
  }, DRAFT_MS);
  model.changed.connect(() => {
    if (model.form && !draft.isDisposed) {
      void draft.invoke().catch(() => undefined);
    }
  });
  const view = React.createElement(TrainView, {
    model,
    started: (jobId: string) => {
      studio.openRun(jobId);
      void studio.live.refresh();
      tab.close();
    }
  });
  const widget = new StudioWidget(studio, view);
  widget.disposed.connect(() => {
    draft.dispose();
    model.dispose();
  });
  void model.load();
  return widget;
}
