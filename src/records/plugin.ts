import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import {
  deleteIcon,
  downloadIcon,
  editIcon,
  launchIcon
} from '@jupyterlab/ui-components';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import { download } from '../files';
import { CommandIDs, IFtStudio } from '../tokens';
import { deleteRecord, renameRecord } from './actions';
import { recordKinds } from './kinds';
import { recordTarget } from './target';

const ARGS = {
  args: {
    type: 'object' as const,
    properties: {
      kind: { type: 'string' as const },
      id: { type: 'string' as const }
    }
  }
};

/** What can be done with every object: the commands of the rows' context menu. */
export const recordsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'ftstudio-ext:records',
  description: 'Open, rename, delete and download what the studio knows.',
  autoStart: true,
  requires: [IFtStudio],
  activate: (app: JupyterFrontEnd, studio: IFtStudio) => {
    const { commands } = app;
    const { trans } = studio;
    const kinds = recordKinds(studio);
    const at = (args: ReadonlyPartialJSONObject) => recordTarget(app, args);
    commands.addCommand(CommandIDs.openRecord, {
      label: trans.__('Open'),
      icon: launchIcon,
      describedBy: ARGS,
      execute: args => {
        const { kind, id } = at(args);
        kinds[kind].open(id);
      }
    });
    commands.addCommand(CommandIDs.renameRecord, {
      label: trans.__('Rename…'),
      icon: editIcon,
      describedBy: ARGS,
      execute: async args => {
        const { kind, id } = at(args);
        await renameRecord(studio, kinds[kind], id);
      }
    });
    commands.addCommand(CommandIDs.deleteRecord, {
      label: trans.__('Delete…'),
      icon: deleteIcon,
      describedBy: ARGS,
      execute: async args => {
        const { kind, id } = at(args);
        await deleteRecord(studio, kinds[kind], id);
      }
    });
    commands.addCommand(CommandIDs.downloadAdapter, {
      label: trans.__('Download as zip'),
      icon: downloadIcon,
      describedBy: ARGS,
      execute: args => {
        const { id } = at({ kind: 'adapter', ...args });
        download(studio.api.adapters.downloadUrl(id));
      }
    });
  }
};
