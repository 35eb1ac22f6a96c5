import { IFrame, MainAreaWidget } from '@jupyterlab/apputils';
import { URLExt } from '@jupyterlab/coreutils';

import type { MlflowLink } from '../api';
import { evaluationIcon } from '../icons';
import type { IFtStudio } from '../tokens';
import { CommandIDs } from '../tokens';

/** MLflow's own page: in a tab where it comes through Jupyter, else in a window of its own. */
export function openMlflow(studio: IFtStudio, url: string): void {
  if (/^https?:/.test(url)) {
    window.open(url, '_blank', 'noopener');
    return;
  }
  studio.execute(CommandIDs.openMlflow, { url });
}

/** The page of a run; says what is missing where there is none. */
export function openLink(studio: IFtStudio, link: MlflowLink): void {
  if (link.url) {
    openMlflow(studio, link.url);
  } else {
    studio.messages.warning(pageMissing(studio));
  }
}

/** Why MLflow's page cannot be shown. */
export function pageMissing({ trans }: IFtStudio): string {
  return trans.__(
    'MLflow’s page needs the package jupyter-server-proxy beside the server'
  );
}

/** A tab with a page that the Jupyter server serves. */
export function mlflowTab(
  baseUrl: string,
  url: string,
  label: string
): MainAreaWidget<IFrame> {
  const content = new IFrame({
    sandbox: ['allow-scripts', 'allow-same-origin', 'allow-downloads']
  });
  content.url = URLExt.join(baseUrl, url);
  const tab = new MainAreaWidget({ content });
  tab.title.label = label;
  tab.title.icon = evaluationIcon;
  tab.title.closable = true;
  tab.toolbar.hide();
  return tab;
}
