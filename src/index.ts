import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import { codePlugin } from './code/plugin';
import { comparePlugin } from './compare/plugin';
import { dialogsPlugin } from './dialogs/plugin';
import { studioPlugin } from './plugin';
import { evaluationsPlugin } from './evaluations/plugin';
import { recordsPlugin } from './records/plugin';
import { runsPlugin } from './runs/plugin';
import { healthPlugin } from './shell/health';
import { tabsPlugin } from './shell/tabs';
import { sidebarPlugin } from './sidebar/plugin';
import { statusBarPlugin } from './sidebar/statusbar';
import { trainPlugin } from './training/plugin';

export { IFtStudio } from './tokens';

const plugins: JupyterFrontEndPlugin<unknown>[] = [
  studioPlugin,
  sidebarPlugin,
  statusBarPlugin,
  dialogsPlugin,
  recordsPlugin,
  trainPlugin,
  runsPlugin,
  comparePlugin,
  codePlugin,
  evaluationsPlugin,
  tabsPlugin,
  healthPlugin
];

export default plugins;
