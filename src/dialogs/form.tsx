import { Dialog } from '@jupyterlab/apputils';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import * as React from 'react';

import { ApiError } from '../api';
import { ErrorBox, ProgressBar } from '../components';
import { StudioWidget } from '../shell/context';
import { useModels } from '../state';
import type { IFtStudio } from '../tokens';

/** What a form holds while it is filled in; outlives the dialog that shows it. */
export class FormModel<V> {
  constructor(public values: V) {}

  error: ApiError | null = null;
  busy = false;

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Change some values; an error about the old ones goes away. */
  set(values: Partial<V>): void {
    this.values = { ...this.values, ...values };
    this.error = null;
    this._changed.emit();
  }

  update(state: { busy?: boolean; error?: ApiError | null }): void {
    Object.assign(this, state);
    this._changed.emit();
  }

  private _changed = new Signal<this, void>(this);
}

/** A form in a dialog. */
export interface IFormOptions<V> {
  studio: IFtStudio;
  title: string;
  /** The word on the button that sends the form, and the one while it is sent. */
  accept: string;
  working: string;
  /** Has tables in it, and takes more room. */
  wide?: boolean;
  model: FormModel<V>;
  /** Fields that show errors of their own; other errors stand below the form. */
  fields: string[];
  /** `ask` closes the form for a question, for example for a file, and opens it again. */
  body: (
    model: FormModel<V>,
    ask: (question: () => Promise<void>) => void
  ) => JSX.Element;
  /** Sends the form; what it throws is shown in the form. */
  submit: (values: V) => Promise<void>;
  /** Told how it went, when the dialog was closed while the form was sent. */
  endedUnseen: (error: ApiError | null) => void;
}

/**
 * Shows a form until it was sent or cancelled; answers whether it was sent.
 *
 * JupyterLab shows one dialog at a time, so a question (such as its file dialog) takes the
 * form's place, and the form comes back with all that was filled in.
 */
export async function showForm<V>(options: IFormOptions<V>): Promise<boolean> {
  for (;;) {
    let question: (() => Promise<void>) | null = null;
    const dialog: FormDialog<V> = new FormDialog(options, asked => {
      question = asked;
      dialog.reject();
    });
    const result = await dialog.launch();
    if (!question) {
      return result.button.accept;
    }
    await (question as () => Promise<void>)();
  }
}

/** Tells how an import ended whose dialog was closed meanwhile. */
export function tellImport(
  studio: IFtStudio,
  error: ApiError | null,
  made: { id: string; name: string } | null,
  open: (id: string) => void
): void {
  const { messages, trans } = studio;
  if (error || !made) {
    messages.error(error);
    return;
  }
  messages.success(trans.__('“%1” is imported.', made.name), {
    label: trans.__('Open'),
    run: () => open(made.id)
  });
}

const ACCEPT = 1;
const FIRST_INPUT =
  'input[type="text"], input[type="search"], input[type="password"]';

class FormDialog<V> extends Dialog<unknown> {
  constructor(
    private options: IFormOptions<V>,
    ask: (question: () => Promise<void>) => void
  ) {
    super({
      title: options.title,
      body: new StudioWidget(
        options.studio,
        <FormBody options={options} ask={ask} />
      ),
      buttons: [
        Dialog.cancelButton({ label: options.studio.trans.__('Cancel') }),
        Dialog.okButton({ label: options.accept })
      ],
      defaultButton: ACCEPT,
      focusNodeSelector: FIRST_INPUT
    });
    this.addClass('jp-FtStudio-formDialog');
    this.toggleClass('jp-FtStudio-mod-wide', Boolean(options.wide));
    options.model.changed.connect(this.onChanged, this);
  }

  override dispose(): void {
    this.options.model.changed.disconnect(this.onChanged, this);
    super.dispose();
  }

  /** Closes only when the server took the form. */
  override resolve(index?: number): void {
    if ((index ?? ACCEPT) === ACCEPT) {
      void this.send();
    } else {
      super.resolve(index);
    }
  }

  private async send(): Promise<void> {
    const { model, submit, endedUnseen } = this.options;
    if (model.busy) {
      return;
    }
    model.update({ busy: true, error: null });
    const error = await submit(model.values).then(() => null, ApiError.from);
    model.update({ busy: false, error });
    if (this.isDisposed) {
      endedUnseen(error);
    } else if (!error) {
      super.resolve(ACCEPT);
    }
  }

  private onChanged(): void {
    const { model, accept, working, studio } = this.options;
    const { trans } = studio;
    const { busy } = model;
    this.button('accept')?.setAttribute('aria-disabled', String(busy));
    this.relabel('accept', busy ? working : accept);
    this.relabel(
      'reject',
      busy ? trans.__('Go on in the background') : trans.__('Cancel')
    );
  }

  private button(kind: 'accept' | 'reject'): Element | null {
    return this.node.querySelector(`.jp-Dialog-button.jp-mod-${kind}`);
  }

  private relabel(kind: 'accept' | 'reject', words: string): void {
    const label = this.button(kind)?.querySelector('.jp-Dialog-buttonLabel');
    if (label) {
      label.textContent = words;
    }
  }
}

function FormBody<V>(props: {
  options: IFormOptions<V>;
  ask: (question: () => Promise<void>) => void;
}): JSX.Element {
  const { model, fields, body } = props.options;
  useModels(model);
  const root = React.useRef<HTMLDivElement>(null);
  React.useEffect(() => {
    // A dialog that is shown before React has made the inputs gives a button the focus.
    root.current?.querySelector<HTMLElement>(FIRST_INPUT)?.focus();
  }, []);
  const { error } = model;
  const elsewhere = error && !(error.field && fields.includes(error.field));
  return (
    <div className="jp-FtStudio-form" ref={root}>
      {body(model, props.ask)}
      {model.busy && <ProgressBar share={null} label={props.options.working} />}
      {elsewhere && <ErrorBox error={error} />}
    </div>
  );
}
