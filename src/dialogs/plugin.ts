import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import type { Contents } from '@jupyterlab/services';

import { setHubToken } from '../hub/token';
import { adapterIcon, datasetIcon, modelIcon, studioIcon } from '../icons';
import { CommandIDs, IFtStudio } from '../tokens';
import { importAdapter } from './adapter';
import { PathPicker } from './browse';
import { importDataset } from './dataset';
import { canImport } from './datasetvalues';
import { importModel } from './model';
import { importSelection } from './selection';

const NONE = { args: { type: 'object' as const, properties: {} } };

/** The import dialogs, and the dialog of the hub token. */
export const dialogsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'ftstudio-ext:dialogs',
  description: 'Import of datasets, base models and adapters; the hub token.',
  autoStart: true,
  requires: [IFtStudio, IDocumentManager],
  optional: [ICommandPalette, IFileBrowserFactory],
  activate: (
    app: JupyterFrontEnd,
    studio: IFtStudio,
    manager: IDocumentManager,
    palette: ICommandPalette | null,
    browsers: IFileBrowserFactory | null
  ) => {
    const picker = new PathPicker(manager);
    addImports(app, studio, picker);
    addSelected(app, studio, picker, browsers);
    app.commands.addCommand(CommandIDs.hubToken, {
      label: studio.trans.__('Hugging Face token…'),
      caption: studio.trans.__('Set, test or forget the token of the hub'),
      describedBy: NONE,
      execute: () => setHubToken(studio)
    });
    for (const command of [
      CommandIDs.importDataset,
      CommandIDs.importModel,
      CommandIDs.importAdapter,
      CommandIDs.hubToken
    ]) {
      palette?.addItem({
        command,
        category: studio.trans.__('Fine-tuning Studio'),
        args: { isPalette: true }
      });
    }
  }
};

function addImports(
  app: JupyterFrontEnd,
  studio: IFtStudio,
  picker: PathPicker
): void {
  const { trans } = studio;
  studio.importFiles = files => importDataset(studio, picker, { files });
  app.commands.addCommand(CommandIDs.importDataset, {
    label: trans.__('Import dataset…'),
    icon: args => (args.isPalette ? undefined : datasetIcon),
    describedBy: {
      args: { type: 'object', properties: { path: { type: 'string' } } }
    },
    execute: args =>
      importDataset(studio, picker, {
        paths: typeof args.path === 'string' ? [args.path] : []
      })
  });
  app.commands.addCommand(CommandIDs.importModel, {
    label: trans.__('Import base model…'),
    icon: args => (args.isPalette ? undefined : modelIcon),
    describedBy: NONE,
    execute: () => importModel(studio, picker)
  });
  app.commands.addCommand(CommandIDs.importAdapter, {
    label: trans.__('Import adapter…'),
    icon: args => (args.isPalette ? undefined : adapterIcon),
    describedBy: NONE,
    execute: () => importAdapter(studio, picker)
  });
}

/** "Import into Fine-tuning Studio" in the file browser's context menu. */
function addSelected(
  app: JupyterFrontEnd,
  studio: IFtStudio,
  picker: PathPicker,
  browsers: IFileBrowserFactory | null
): void {
  const selected = (): Contents.IModel[] => [
    ...(browsers?.tracker.currentWidget?.selectedItems() ?? [])
  ];
  const fits = () => {
    const items = selected();
    return (
      items.length > 0 &&
      items.every(item => canImport(item.path, item.type === 'directory'))
    );
  };
  app.commands.addCommand(CommandIDs.importSelected, {
    label: studio.trans.__('Import into Fine-tuning Studio'),
    icon: studioIcon,
    describedBy: NONE,
    isVisible: fits,
    execute: () => importSelection(studio, picker, selected())
  });
}
