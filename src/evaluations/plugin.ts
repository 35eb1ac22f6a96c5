import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ILayoutRestorer } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import * as React from 'react';

import type { IPathPicker } from '../dialogs/browse';
import { PathPicker } from '../dialogs/browse';
import { evaluationIcon } from '../icons';
import { recordTarget } from '../records/target';
import { StudioWidget } from '../shell/context';
import { mlflowTab } from '../shell/mlflow';
import type { ITabHandle, TabArgs } from '../shell/tab';
import { registerTab } from '../shell/tab';
import { CommandIDs, IFtStudio } from '../tokens';
import { EvaluationForm } from './form';
import { EvaluationFormView } from './formview';
import { EvaluationModel } from './model';
import { EvaluationView } from './view';

/** The form of a new evaluation, the tab of its result, and MLflow's own page. */
export const evaluationsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'ftstudio-ext:evaluations',
  description: 'Whether adapters are better than their base models.',
  autoStart: true,
  requires: [IFtStudio],
  optional: [ILayoutRestorer, ICommandPalette, IDocumentManager],
  activate: (
    app: JupyterFrontEnd,
    studio: IFtStudio,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
    manager: IDocumentManager | null
  ) => {
    const { trans } = studio;
    const picker = manager && new PathPicker(manager);
    registerTab(app, restorer, {
      command: CommandIDs.openEvaluation,
      namespace: 'ftstudio-evaluation',
      label: trans.__('Evaluation'),
      icon: evaluationIcon,
      key: ({ id }) => id ?? '',
      create: (args, tab) => createEvaluation(studio, args, tab)
    });
    registerTab(app, restorer, {
      command: CommandIDs.newEvaluation,
      namespace: 'ftstudio-evaluate',
      label: trans.__('New evaluation'),
      icon: evaluationIcon,
      key: ({ adapter, base, from_job }) =>
        from_job ?? adapter ?? base ?? 'new',
      create: (args, tab) => createForm(studio, picker, args, tab)
    });
    palette?.addItem({
      command: CommandIDs.newEvaluation,
      category: trans.__('Fine-tuning Studio'),
      args: { isPalette: true }
    });
    addCommands(app, studio);
  }
};

function addCommands(app: JupyterFrontEnd, studio: IFtStudio): void {
  const text = { type: 'string' as const };
  app.commands.addCommand(CommandIDs.evaluateAdapter, {
    label: studio.trans.__('Evaluate…'),
    icon: evaluationIcon,
    describedBy: { args: { type: 'object', properties: { id: text } } },
    execute: args => {
      const { id } = recordTarget(app, { kind: 'adapter', ...args });
      studio.newEvaluation({ adapter: id });
    }
  });
  app.commands.addCommand(CommandIDs.openMlflow, {
    label: studio.trans.__('MLflow'),
    describedBy: { args: { type: 'object', properties: { url: text } } },
    execute: args => {
      const { baseUrl } = app.serviceManager.serverSettings;
      const url = typeof args.url === 'string' ? args.url : 'ftstudio/mlflow/';
      const tab = mlflowTab(baseUrl, url, studio.trans.__('MLflow'));
      app.shell.add(tab, 'main');
      app.shell.activateById(tab.id);
    }
  });
}

function createEvaluation(
  studio: IFtStudio,
  { id }: TabArgs,
  tab: ITabHandle
): StudioWidget {
  const model = new EvaluationModel(studio, id ?? '');
  model.changed.connect(() => {
    if (model.evaluation) {
      tab.rename(model.evaluation.name);
    }
  });
  const view = React.createElement(EvaluationView, { model });
  const widget = new StudioWidget(studio, view);
  widget.disposed.connect(() => model.dispose());
  return widget;
}

function createForm(
  studio: IFtStudio,
  picker: IPathPicker | null,
  args: TabArgs,
  tab: ITabHandle
): StudioWidget {
  const form = new EvaluationForm(studio, args);
  const started = (id: string) => {
    tab.close();
    studio.openEvaluation(id);
  };
  const view = React.createElement(EvaluationFormView, {
    form,
    picker,
    started
  });
  const widget = new StudioWidget(studio, view);
  widget.disposed.connect(() => form.dispose());
  void form.load();
  return widget;
}
