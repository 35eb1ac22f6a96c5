import type { LabIcon } from '@jupyterlab/ui-components';
import { ellipsesIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { IconButton } from '../components';
import type { RecordKind } from '../records/kinds';
import { useStudio } from '../shell/context';

export type RowAction = {
  icon: LabIcon;
  label: string;
  onClick: () => void;
  why?: string | null;
};

export type RowProps = {
  kind: RecordKind;
  id: string;
  name: string;
  onOpen: () => void;
  /** An icon or a state dot before the name. */
  mark: React.ReactNode;
  /** Right of the name. */
  aside?: React.ReactNode;
  /** Second line. */
  detail?: React.ReactNode;
  title?: string;
  /** What the row is to others when it is dragged: a type, and the id as its data. */
  dragType?: string;
  actions?: RowAction[];
  children?: React.ReactNode;
};

/** One object of a list: click opens it, hover shows actions, right click has all of them. */
export function Row(props: RowProps): JSX.Element {
  const { trans } = useStudio();
  return (
    <li className="jp-FtStudio-item">
      <div
        className="jp-FtStudio-row"
        data-kind={props.kind}
        data-id={props.id}
        title={props.title}
        draggable={props.dragType !== undefined}
        onDragStart={event => {
          if (props.dragType) {
            event.dataTransfer.setData(props.dragType, props.id);
            event.dataTransfer.effectAllowed = 'copy';
          }
        }}
      >
        <button
          type="button"
          className="jp-FtStudio-rowMain"
          onClick={props.onOpen}
        >
          <span className="jp-FtStudio-rowLine">
            {props.mark}
            <span className="jp-FtStudio-name">{props.name}</span>
            {props.aside && (
              <span className="jp-FtStudio-aside">{props.aside}</span>
            )}
          </span>
          {props.detail && (
            <span className="jp-FtStudio-detail">{props.detail}</span>
          )}
        </button>
        <div className="jp-FtStudio-actions">
          {props.actions?.map(action => (
            <IconButton key={action.label} {...action} />
          ))}
          <IconButton
            icon={ellipsesIcon}
            label={trans.__('More actions for %1', props.name)}
            onClick={openMenu}
          />
        </div>
      </div>
      {props.children}
    </li>
  );
}

/** Opens the context menu of the row below the button that was clicked. */
function openMenu(event: React.MouseEvent): void {
  const place = event.currentTarget.getBoundingClientRect();
  event.currentTarget.dispatchEvent(
    new MouseEvent('contextmenu', {
      bubbles: true,
      cancelable: true,
      clientX: place.left,
      clientY: place.bottom
    })
  );
}

/** An icon in the place of a row's mark. */
export function Mark(props: { icon: LabIcon }): JSX.Element {
  const { icon: Icon } = props;
  return (
    <Icon.react tag="span" className="jp-FtStudio-mark" elementSize="normal" />
  );
}
