import { Dialog, Notification, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import { ApiError } from '../api';

/** Something the user can do about a message. */
export interface IMessageAction {
  label: string;
  run: () => void;
}

/** The one place from which the studio speaks to people outside of its own tabs. */
export class Messages {
  constructor(private trans: TranslationBundle) {}

  /** Good news that needs no answer. */
  success(message: string, action?: IMessageAction): void {
    Notification.success(message, {
      autoClose: 5000,
      actions: actions(action)
    });
  }

  /** Something to know, which stays until it is read. */
  warning(message: string, action?: IMessageAction): void {
    Notification.warning(message, {
      autoClose: false,
      actions: actions(action)
    });
  }

  /** A failure: one sentence, and what to do. Aborted requests are nobody's failure. */
  error(reason: unknown, action?: IMessageAction): void {
    if (reason instanceof DOMException && reason.name === 'AbortError') {
      return;
    }
    Notification.error(this.sentence(reason), {
      autoClose: false,
      actions: actions(action)
    });
  }

  /** A failure and its remedy as text. */
  sentence(reason: unknown): string {
    const { message, remedy } = ApiError.from(reason);
    return remedy ? `${message} ${remedy}` : message;
  }

  /** Ask before what cannot be undone; `body` names what goes with it. */
  async confirm(title: string, body: string, accept: string): Promise<boolean> {
    const result = await showDialog({
      title,
      body,
      buttons: [
        Dialog.cancelButton({ label: this.trans.__('Cancel') }),
        Dialog.warnButton({ label: accept })
      ],
      defaultButton: 0
    });
    return result.button.accept;
  }
}

function actions(action?: IMessageAction): Notification.IAction[] {
  return action
    ? [{ label: action.label, callback: action.run, displayType: 'accent' }]
    : [];
}
