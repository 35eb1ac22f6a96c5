import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { Dialog } from '@jupyterlab/apputils';
import { IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import { codeIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { CodeRequest } from '../api';
import { recordTarget } from '../records/target';
import { StudioWidget } from '../shell/context';
import { CommandIDs, IFtStudio } from '../tokens';
import type { AskForCode } from './model';
import { CodeModel } from './model';
import { notebookOf, saveNotebook } from './notebook';
import { CodeView } from './view';

const TEXT = { type: 'string' as const };

/** Forms and jobs as code. */
export const codePlugin: JupyterFrontEndPlugin<void> = {
  id: 'ftstudio-ext:code',
  description: 'A form or a run as a cell, a call, a file, a script.',
  autoStart: true,
  requires: [IFtStudio],
  optional: [IDefaultFileBrowser],
  activate: (
    app: JupyterFrontEnd,
    studio: IFtStudio,
    browser: IDefaultFileBrowser | null
  ) => {
    const folder = () => browser?.model.path ?? '';
    app.commands.addCommand(CommandIDs.showCode, {
      label: studio.trans.__('Show code'),
      icon: codeIcon,
      describedBy: {
        args: {
          type: 'object',
          properties: { id: TEXT, kind: TEXT, draft: TEXT }
        }
      },
      execute: args => {
        const model =
          typeof args.draft === 'string'
            ? new CodeModel(ofDraft(studio, args.draft))
            : ofRecord(studio, recordTarget(app, args));
        return showCode(app, studio, model, folder());
      }
    });
  }
};

/** Runs and evaluations are jobs; comparisons are asked again by a call. */
function ofRecord(
  { api }: IFtStudio,
  { kind, id }: ReturnType<typeof recordTarget>
): CodeModel {
  return kind === 'comparison'
    ? new CodeModel(format => api.code.comparison(id, format), 'client')
    : new CodeModel(format => api.code.job(id, format));
}

/** `draft`: a form's specification and resources as JSON. */
function ofDraft({ api }: IFtStudio, draft: string): AskForCode {
  const form = JSON.parse(draft) as Pick<CodeRequest, 'spec' | 'resources'>;
  return format => api.code.form({ ...form, format });
}

/** The dialog with the code; a notebook takes its place. */
async function showCode(
  app: JupyterFrontEnd,
  studio: IFtStudio,
  model: CodeModel,
  folder: string
): Promise<void> {
  const { trans } = studio;
  const open = async () => {
    const { name, content } = await notebookOf(model);
    const { contents } = app.serviceManager;
    const path = await saveNotebook(contents, folder, name, content);
    dialog.reject();
    await app.commands.execute('docmanager:open', { path });
  };
  const dialog = new Dialog({
    title: trans.__('Code'),
    body: new StudioWidget(studio, <CodeView model={model} open={open} />),
    buttons: [Dialog.cancelButton({ label: trans.__('Close') })],
    focusNodeSelector: '[role="tab"][aria-selected="true"]'
  });
  dialog.addClass('jp-FtStudio-codeDialog');
  await dialog.launch();
}
