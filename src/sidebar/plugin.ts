import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ILayoutRestorer } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ILauncher } from '@jupyterlab/launcher';
import { IStateDB } from '@jupyterlab/statedb';
import * as React from 'react';

import { studioIcon } from '../icons';
import { StudioWidget } from '../shell/context';
import { CommandIDs, IFtStudio } from '../tokens';
import { Folds } from './folds';
import { Sidebar } from './panel';

const ID = 'ftstudio-sidebar';

/** The studio's panel in the left area, its launcher card and its palette entries. */
export const sidebarPlugin: JupyterFrontEndPlugin<void> = {
  id: 'ftstudio-ext:sidebar',
  description: 'The sidebar of Fine-tuning Studio.',
  autoStart: true,
  requires: [IFtStudio],
  optional: [ILayoutRestorer, ICommandPalette, ILauncher, IStateDB],
  activate: (
    app: JupyterFrontEnd,
    studio: IFtStudio,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
    launcher: ILauncher | null,
    state: IStateDB | null
  ) => {
    addCommands(app, studio);
    const folds = new Folds(state);
    void folds.load();
    const panel = makePanel(studio, folds);
    restorer?.add(panel, ID);
    app.shell.add(panel, 'left', { rank: 450, type: 'Fine-tuning Studio' });
    addEntries(studio, palette, launcher);
  }
};

function makePanel(studio: IFtStudio, folds: Folds): StudioWidget {
  const panel = new StudioWidget(
    studio,
    React.createElement(Sidebar, { folds })
  );
  panel.id = ID;
  panel.addClass('jp-FtStudio-sidebar');
  panel.title.icon = studioIcon;
  panel.title.caption = studio.trans.__('Fine-tuning Studio');
  panel.node.setAttribute('role', 'region');
  panel.node.setAttribute('aria-label', studio.trans.__('Fine-tuning Studio'));
  return panel;
}

function addCommands(app: JupyterFrontEnd, studio: IFtStudio): void {
  const { trans } = studio;
  const none = { args: { type: 'object' as const, properties: {} } };
  app.commands.addCommand(CommandIDs.openSidebar, {
    label: args =>
      args.isLauncher
        ? trans.__('Fine-tuning Studio')
        : trans.__('Show the Fine-tuning Studio sidebar'),
    caption: trans.__('Train adapters for language models'),
    icon: args => (args.isPalette ? undefined : studioIcon),
    describedBy: none,
    execute: () => app.shell.activateById(ID)
  });
  app.commands.addCommand(CommandIDs.refresh, {
    label: trans.__('Refresh the Fine-tuning Studio'),
    describedBy: none,
    execute: () => studio.live.refresh()
  });
}

function addEntries(
  studio: IFtStudio,
  palette: ICommandPalette | null,
  launcher: ILauncher | null
): void {
  const category = studio.trans.__('Fine-tuning Studio');
  for (const command of [CommandIDs.openSidebar, CommandIDs.refresh]) {
    palette?.addItem({ command, category, args: { isPalette: true } });
  }
  launcher?.add({
    command: CommandIDs.openSidebar,
    args: { isLauncher: true },
    category: studio.trans.__('Other'),
    rank: 5
  });
}
