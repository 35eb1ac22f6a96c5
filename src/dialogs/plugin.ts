import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IDocumentManager } from '@jupyterlab/docmanager';

import { adapterIcon, datasetIcon, modelIcon } from '../icons';
import { CommandIDs, IFtStudio } from '../tokens';
import { importAdapter } from './adapter';
import { PathPicker } from './browse';
import { importDataset } from './dataset';
import { importModel } from './model';

/** The import dialogs. */
export const dialogsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'ftstudio-ext:dialogs',
  description: 'Import of datasets, base models and adapters.',
  autoStart: true,
  requires: [IFtStudio, IDocumentManager],
  optional: [ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    studio: IFtStudio,
    manager: IDocumentManager,
    palette: ICommandPalette | null
  ) => {
    const { trans } = studio;
    const picker = new PathPicker(manager);
    app.commands.addCommand(CommandIDs.importDataset, {
      label: trans.__('Import dataset…'),
      icon: args => (args.isPalette ? undefined : datasetIcon),
      describedBy: {
        args: { type: 'object', properties: { path: { type: 'string' } } }
      },
      execute: args =>
        importDataset(
          studio,
          picker,
          typeof args.path === 'string' ? args.path : ''
        )
    });
    const none = { args: { type: 'object' as const, properties: {} } };
    app.commands.addCommand(CommandIDs.importModel, {
      label: trans.__('Import base model…'),
      icon: args => (args.isPalette ? undefined : modelIcon),
      describedBy: none,
      execute: () => importModel(studio, picker)
    });
    app.commands.addCommand(CommandIDs.importAdapter, {
      label: trans.__('Import adapter…'),
      icon: args => (args.isPalette ? undefined : adapterIcon),
      describedBy: none,
      execute: () => importAdapter(studio, picker)
    });
    const category = trans.__('Fine-tuning Studio');
    for (const command of [
      CommandIDs.importDataset,
      CommandIDs.importModel,
      CommandIDs.importAdapter
    ]) {
      palette?.addItem({ command, category, args: { isPalette: true } });
    }
  }
};
