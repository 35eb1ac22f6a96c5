import type { LabIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

const KINDS = {
  primary: 'jp-mod-styled jp-mod-accept',
  normal: 'jp-mod-styled jp-FtStudio-normalButton',
  warn: 'jp-mod-styled jp-mod-warn',
  plain: 'jp-FtStudio-plainButton'
};

export type ButtonProps = {
  label: string;
  onClick: () => void;
  kind?: keyof typeof KINDS;
  icon?: LabIcon;
  /** Why the button does nothing now; it stays reachable, so that people can read this. */
  why?: string | null;
  /** Work is under way: the button waits. */
  busy?: boolean;
  title?: string;
  className?: string;
};

/** A button that says why it is disabled, on hover and to screen readers. */
export function Button(props: ButtonProps): JSX.Element {
  const { label, kind = 'normal', icon: Icon, why, busy } = props;
  const blocked = Boolean(why) || Boolean(busy);
  return (
    <button
      type="button"
      className={`jp-FtStudio-button ${KINDS[kind]} ${props.className ?? ''}`}
      aria-disabled={blocked}
      aria-busy={busy}
      aria-label={why ? `${label}: ${why}` : label}
      title={why ?? props.title}
      onClick={() => {
        if (!blocked) {
          props.onClick();
        }
      }}
    >
      {busy ? (
        <span className="jp-FtStudio-spinner" aria-hidden="true" />
      ) : (
        Icon && <Icon.react tag="span" elementSize="normal" />
      )}
      <span className="jp-FtStudio-button-label">{label}</span>
    </button>
  );
}

export type IconButtonProps = {
  icon: LabIcon;
  /** Said to screen readers and shown on hover. */
  label: string;
  onClick: (event: React.MouseEvent) => void;
  why?: string | null;
  pressed?: boolean;
};

/** A small button with an icon alone, as in JupyterLab's toolbars. */
export function IconButton(props: IconButtonProps): JSX.Element {
  const { icon: Icon, label, why, pressed } = props;
  return (
    <button
      type="button"
      className="jp-FtStudio-iconButton jp-Button jp-mod-minimal"
      aria-disabled={Boolean(why)}
      aria-label={why ? `${label}: ${why}` : label}
      aria-pressed={pressed}
      title={why ?? label}
      onClick={event => {
        event.stopPropagation();
        if (!why) {
          props.onClick(event);
        }
      }}
    >
      <Icon.react tag="span" elementSize="normal" />
    </button>
  );
}
