import type { ILayoutRestorer, JupyterFrontEnd } from '@jupyterlab/application';
import { MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import type { LabIcon } from '@jupyterlab/ui-components';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import type { Message } from '@lumino/messaging';
import type { Widget } from '@lumino/widgets';

/** What a tab is made from, and found again by after a reload. */
export type TabArgs = Record<string, string | undefined>;

/** A tab of the main area. Its title follows the title of its content. */
export class StudioTab extends MainAreaWidget {
  constructor(
    content: Widget,
    public args: TabArgs,
    public key: string
  ) {
    super({ content });
    this.addClass('jp-FtStudio-tab');
    this.title.closable = true;
    this.toolbar.hide();
  }

  /** Asked before the tab closes: false keeps it open. */
  guard: (() => Promise<boolean>) | null = null;

  protected override onCloseRequest(msg: Message): void {
    const { guard } = this;
    if (!guard) {
      super.onCloseRequest(msg);
      return;
    }
    void guard().then(agreed => {
      if (agreed) {
        this.guard = null;
        this.close();
      }
    });
  }
}

/** What the content of a tab may tell the tab. */
export interface ITabHandle {
  /** Change the words on the tab. */
  rename(label: string): void;
  /** Stand for something else from now on, for example a draft that was saved. */
  become(args: TabArgs): void;
  /** Ask this before the tab closes: false keeps it open. */
  guard(question: (() => Promise<boolean>) | null): void;
  close(): void;
}

/** A kind of tab, for example "dataset". */
export interface ITabKind {
  /** The command that opens it; its arguments are the tab's. */
  command: string;
  /** Also the prefix of its ids in the saved layout. */
  namespace: string;
  label: string;
  caption?: string;
  icon: LabIcon;
  /** Tabs of one key are one tab; a constant makes a singleton. */
  key(args: TabArgs): string;
  create(args: TabArgs, tab: ITabHandle): Widget;
}

/**
 * Registers a kind of tab: its command, one tab a key, and its return after a reload.
 */
export function registerTab(
  app: JupyterFrontEnd,
  restorer: ILayoutRestorer | null,
  kind: ITabKind
): WidgetTracker<StudioTab> {
  const tracker = new WidgetTracker<StudioTab>({ namespace: kind.namespace });
  app.commands.addCommand(kind.command, {
    label: kind.label,
    caption: kind.caption ?? kind.label,
    icon: args => (args.isPalette ? undefined : kind.icon),
    execute: raw => open(app, tracker, kind, toArgs(raw)),
    describedBy: {
      args: { type: 'object', additionalProperties: { type: 'string' } }
    }
  });
  if (restorer) {
    void restorer.restore(tracker, {
      command: kind.command,
      args: tab => tab.args as ReadonlyPartialJSONObject,
      name: tab => tab.key
    });
  }
  return tracker;
}

function toArgs(raw: ReadonlyPartialJSONObject): TabArgs {
  const texts = Object.entries(raw).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string'
  );
  return Object.fromEntries(texts);
}

async function open(
  app: JupyterFrontEnd,
  tracker: WidgetTracker<StudioTab>,
  kind: ITabKind,
  args: TabArgs
): Promise<StudioTab> {
  const key = kind.key(args);
  const found = tracker.find(tab => tab.key === key);
  const tab = found ?? (await make(app, tracker, kind, args, key));
  app.shell.activateById(tab.id);
  return tab;
}

async function make(
  app: JupyterFrontEnd,
  tracker: WidgetTracker<StudioTab>,
  kind: ITabKind,
  args: TabArgs,
  key: string
): Promise<StudioTab> {
  const handle = new Handle(kind, tracker);
  const content = kind.create(args, handle);
  content.title.icon = kind.icon;
  content.title.label ||= kind.label;
  content.title.caption ||= kind.caption ?? kind.label;
  const tab = new StudioTab(content, args, key);
  tab.id = `${kind.namespace}-${key}`.replace(/[^\w-]/g, '-');
  handle.tab = tab;
  await tracker.add(tab);
  app.shell.add(tab, 'main');
  return tab;
}

class Handle implements ITabHandle {
  constructor(
    private kind: ITabKind,
    private tracker: WidgetTracker<StudioTab>
  ) {}

  tab: StudioTab | null = null;

  rename(label: string): void {
    if (this.tab && !this.tab.isDisposed) {
      this.tab.content.title.label = label;
      this.tab.content.title.caption = label;
    }
  }

  become(args: TabArgs): void {
    if (this.tab && !this.tab.isDisposed) {
      this.tab.args = args;
      this.tab.key = this.kind.key(args);
      void this.tracker.save(this.tab);
    }
  }

  guard(question: (() => Promise<boolean>) | null): void {
    if (this.tab) {
      this.tab.guard = question;
    }
  }

  close(): void {
    this.tab?.close();
  }
}
