import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ILayoutRestorer } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { UUID } from '@lumino/coreutils';
import * as React from 'react';

import { AdapterView } from '../adapters/view';
import { DatasetView } from '../datasets/view';
import { adapterIcon, datasetIcon, modelIcon, promptIcon } from '../icons';
import { ModelView } from '../models/view';
import { PromptView } from '../prompts/view';
import { CommandIDs, IFtStudio } from '../tokens';
import { StudioWidget } from './context';
import type { ITabHandle, ITabKind, TabArgs } from './tab';
import { registerTab } from './tab';

type View = (props: { id: string; tab: ITabHandle }) => JSX.Element;

/** Tabs of datasets, base models, adapters and prompts. */
export const tabsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'ftstudio-ext:tabs',
  description: 'Tabs of datasets, base models, adapters and prompts.',
  autoStart: true,
  requires: [IFtStudio],
  optional: [ILayoutRestorer, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    studio: IFtStudio,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null
  ) => {
    for (const kind of [...viewKinds(studio), promptKind(studio)]) {
      registerTab(app, restorer, kind);
    }
    app.commands.addCommand(CommandIDs.newPrompt, {
      label: studio.trans.__('New prompt'),
      icon: args => (args.isPalette ? undefined : promptIcon),
      describedBy: {
        args: { type: 'object', properties: { dataset: { type: 'string' } } }
      },
      execute: args => {
        const dataset = typeof args.dataset === 'string' ? args.dataset : '';
        const draft = UUID.uuid4();
        studio.execute(CommandIDs.openPrompt, { draft, dataset });
      }
    });
    palette?.addItem({
      command: CommandIDs.newPrompt,
      category: studio.trans.__('Fine-tuning Studio'),
      args: { isPalette: true }
    });
  }
};

function viewKinds(studio: IFtStudio): ITabKind[] {
  const { trans } = studio;
  const show = (view: View) => (args: TabArgs, tab: ITabHandle) =>
    new StudioWidget(
      studio,
      React.createElement(view, { id: args.id ?? '', tab })
    );
  const key = (args: TabArgs) => args.id ?? '';
  return [
    {
      command: CommandIDs.openDataset,
      namespace: 'ftstudio-dataset',
      label: trans.__('Dataset'),
      icon: datasetIcon,
      key,
      create: show(DatasetView)
    },
    {
      command: CommandIDs.openModel,
      namespace: 'ftstudio-model',
      label: trans.__('Base model'),
      icon: modelIcon,
      key,
      create: show(ModelView)
    },
    {
      command: CommandIDs.openAdapter,
      namespace: 'ftstudio-adapter',
      label: trans.__('Adapter'),
      icon: adapterIcon,
      key,
      create: show(AdapterView)
    }
  ];
}

/**
 * A stored prompt (`id`), or a new one (`draft`, and perhaps its `dataset`); `edited` holds
 * what was typed and not saved, so that a reload loses nothing.
 */
function promptKind(studio: IFtStudio): ITabKind {
  return {
    command: CommandIDs.openPrompt,
    namespace: 'ftstudio-prompt',
    label: studio.trans.__('Prompt'),
    icon: promptIcon,
    key: args => args.id ?? args.draft ?? '',
    create: (args, tab) =>
      new StudioWidget(studio, React.createElement(PromptView, { args, tab }))
  };
}
