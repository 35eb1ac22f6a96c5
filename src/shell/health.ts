import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ISettingRegistry } from '@jupyterlab/settingregistry';

import type { Job } from '../api';
import { isActive, isFinal } from '../components/state';
import { IFtStudio } from '../tokens';
import { StudioTab } from './tab';

declare const require: (path: string) => { version: string };

// A require, since a TypeScript import would make package.json part of the sources.

const { version: VERSION } = require('../../package.json');

/** Tells people what they would otherwise find out late: ended runs, unlike versions. */
export const healthPlugin: JupyterFrontEndPlugin<void> = {
  id: 'ftstudio-ext:health',
  description: 'Notifications of ended runs, and the version handshake.',
  autoStart: true,
  requires: [IFtStudio],
  optional: [ISettingRegistry],
  activate: (
    app: JupyterFrontEnd,
    studio: IFtStudio,
    registry: ISettingRegistry | null
  ) => {
    warnOfVersions(studio);
    const watch = new EndWatch(studio, id => isInFront(app, id));
    registry
      ?.load('ftstudio-ext:studio')
      .then(settings => {
        const read = () => {
          watch.enabled = settings.composite['notifyWhenRunEnds'] !== false;
        };
        settings.changed.connect(read);
        read();
      })
      .catch(reason => studio.messages.error(reason));
  }
};

/** Warns once when the browser runs another version than the server. */
function warnOfVersions(studio: IFtStudio): void {
  const { status, trans, messages } = studio;
  const check = () => {
    const server = status.value?.version;
    if (!server) {
      return;
    }
    status.changed.disconnect(check);
    if (server !== VERSION) {
      messages.warning(
        trans.__(
          'Fine-tuning Studio is %1 in the browser and %2 on the server. Reload the page; if that does not help, restart the Jupyter server.',
          VERSION,
          server
        ),
        { label: trans.__('Reload'), run: () => window.location.reload() }
      );
    }
  };
  status.changed.connect(check);
}

/** Whether people are looking at the tab of a run, which says all there is to say. */
function isInFront(app: JupyterFrontEnd, id: string): boolean {
  const { currentWidget } = app.shell;
  return (
    currentWidget instanceof StudioTab &&
    currentWidget.args.id === id &&
    currentWidget.isVisible &&
    document.visibilityState === 'visible'
  );
}

/** Notices runs that end while JupyterLab is open and shows something else. */
export class EndWatch {
  constructor(
    private studio: IFtStudio,
    private isSeen: (id: string) => boolean = () => false
  ) {
    studio.jobs.changed.connect(this.look, this);
  }

  enabled = true;

  private look(): void {
    for (const job of this.studio.jobs.items) {
      const before = this.states.get(job.id);
      this.states.set(job.id, job.state);
      const ended =
        before &&
        (isActive(before) || before === 'queued') &&
        isFinal(job.state);
      if (ended && this.enabled && !this.isSeen(job.id)) {
        this.tell(job);
      }
    }
  }

  private tell(job: Job): void {
    const { trans, messages } = this.studio;
    const open = {
      label: trans.__('Open'),
      run: () => this.studio.openRun(job.id)
    };
    if (job.state === 'succeeded') {
      messages.success(trans.__('“%1” has finished.', job.name), open);
    } else if (job.state === 'failed') {
      const cause = job.error?.message ?? '';
      messages.warning(trans.__('“%1” failed. %2', job.name, cause), open);
    } else if (job.state === 'lost') {
      messages.warning(
        trans.__('The process of “%1” vanished.', job.name),
        open
      );
    }
  }

  private states = new Map<string, Job['state']>();
}
