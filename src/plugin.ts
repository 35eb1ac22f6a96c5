import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { FtStudio } from './shell/studio';
import { IFtStudio } from './tokens';

/** Provides the studio to all other plugins, of this extension and of others. */
export const studioPlugin: JupyterFrontEndPlugin<IFtStudio> = {
  id: 'ftstudio-ext:studio',
  description: 'Fine-tuning Studio: its server, its models and its tabs.',
  autoStart: true,
  provides: IFtStudio,
  optional: [ITranslator],
  activate: (app: JupyterFrontEnd, translator: ITranslator | null) =>
    new FtStudio(app, (translator ?? nullTranslator).load('ftstudio'))
};
