import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ILayoutRestorer } from '@jupyterlab/application';
import type { Message } from '@lumino/messaging';
import * as React from 'react';

import { runIcon } from '../icons';
import { StudioWidget } from '../shell/context';
import type { ITabHandle, TabArgs } from '../shell/tab';
import { registerTab } from '../shell/tab';
import { CommandIDs, IFtStudio } from '../tokens';
import { RunModel } from './model';
import { RunView } from './view';

/** The tab in which a training run is watched. */
export const runsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'ftstudio-ext:runs',
  description: 'The view of a training run: its curves, its log, its end.',
  autoStart: true,
  requires: [IFtStudio],
  optional: [ILayoutRestorer],
  activate: (
    app: JupyterFrontEnd,
    studio: IFtStudio,
    restorer: ILayoutRestorer | null
  ) => {
    registerTab(app, restorer, {
      command: CommandIDs.openRun,
      namespace: 'ftstudio-run',
      label: studio.trans.__('Training run'),
      icon: runIcon,
      key: args => args.id ?? '',
      create: (args, tab) => new RunWidget(studio, args, tab)
    });
  }
};

/** Asks for news whenever it comes into sight. */
class RunWidget extends StudioWidget {
  constructor(studio: IFtStudio, args: TabArgs, tab: ITabHandle) {
    const id = args.id ?? '';
    const model = new RunModel(studio, id, () => this.isVisible);
    super(studio, React.createElement(RunView, { model }));
    this.model = model;
    this.title.label = args.name ?? '';
    model.changed.connect(() => {
      const name = model.job?.name;
      if (name && name !== this.title.label) {
        tab.rename(name);
        tab.become({ id, name }); // so that a restored tab has its name at once
      }
    });
  }

  override dispose(): void {
    this.model.dispose();
    super.dispose();
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    void this.model.again();
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    void this.model.again();
  }

  private model: RunModel;
}
