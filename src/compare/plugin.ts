import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ILayoutRestorer } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { downloadIcon } from '@jupyterlab/ui-components';
import { Debouncer } from '@lumino/polling';
import * as React from 'react';

import { download } from '../files';
import { compareIcon } from '../icons';
import { recordTarget } from '../records/target';
import { StudioWidget } from '../shell/context';
import type { ITabHandle, TabArgs } from '../shell/tab';
import { registerTab } from '../shell/tab';
import { CommandIDs, IFtStudio } from '../tokens';
import { CompareModel } from './model';
import { CompareView } from './view';

const DRAFT_MS = 500;

/** The tab in which models and adapters answer the same question. */
export const comparePlugin: JupyterFrontEndPlugin<void> = {
  id: 'ftstudio-ext:compare',
  description: 'Base models and adapters side by side.',
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
      command: CommandIDs.compare,
      namespace: 'ftstudio-compare',
      label: trans.__('Compare models'),
      icon: compareIcon,
      key: ({ id, adapter, base }) => id ?? adapter ?? base ?? 'new',
      create: (args, tab) => createCompare(studio, args, tab)
    });
    palette?.addItem({
      command: CommandIDs.compare,
      category: trans.__('Fine-tuning Studio'),
      args: { isPalette: true }
    });
    addRowCommands(app, studio);
  }
};

/** What the rows of adapters and comparisons offer. */
function addRowCommands(app: JupyterFrontEnd, studio: IFtStudio): void {
  const { trans } = studio;
  const properties = {
    id: { type: 'string' as const },
    format: { type: 'string' as const }
  };
  const describedBy = { args: { type: 'object' as const, properties } };
  app.commands.addCommand(CommandIDs.compareAdapter, {
    label: trans.__('Compare with base'),
    icon: compareIcon,
    describedBy,
    execute: args => {
      const { id } = recordTarget(app, { kind: 'adapter', ...args });
      studio.openCompare({ adapter: id });
    }
  });
  app.commands.addCommand(CommandIDs.exportComparison, {
    label: args =>
      args.format === 'json'
        ? trans.__('Export as JSON')
        : trans.__('Export as CSV'),
    icon: downloadIcon,
    describedBy,
    execute: args => {
      const { id } = recordTarget(app, { kind: 'comparison', ...args });
      const format = args.format === 'json' ? 'json' : 'csv';
      download(studio.api.comparisons.exportUrl(id, format));
    }
  });
}

function createCompare(
  studio: IFtStudio,
  args: TabArgs,
  tab: ITabHandle
): StudioWidget {
  const model = new CompareModel(studio);
  const draft = new Debouncer(() => tab.become(model.args), DRAFT_MS);
  model.changed.connect(() => {
    if (model.ready && !draft.isDisposed) {
      void draft.invoke().catch(() => undefined);
    }
    if (model.title) {
      tab.rename(model.title);
    }
  });
  const view = React.createElement(CompareView, { model });
  const widget = new StudioWidget(studio, view);
  widget.disposed.connect(() => {
    draft.dispose();
    model.dispose();
  });
  void model.start(args);
  return widget;
}
