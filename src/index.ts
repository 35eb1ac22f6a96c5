import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import { studioPlugin } from './plugin';

export { IFtStudio } from './tokens';

const plugins: JupyterFrontEndPlugin<unknown>[] = [studioPlugin];

export default plugins;
