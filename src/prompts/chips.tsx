import * as React from 'react';

import type { Column } from '../api';
import { useStudio } from '../shell/context';

/** The columns of the dataset, each a button that writes its placeholder; or dragged there. */
export function Chips(props: {
  columns: Column[];
  used: readonly string[];
  onInsert: (placeholder: string) => void;
}): JSX.Element | null {
  const { trans } = useStudio();
  const id = React.useId();
  if (!props.columns.length) {
    return null;
  }
  return (
    <div className="jp-FtStudio-chipsBar">
      <span id={id} className="jp-FtStudio-help">
        {trans.__('Insert a column where the caret is, or drag it:')}
      </span>
      <div className="jp-FtStudio-chips" role="group" aria-labelledby={id}>
        {props.columns.map(column => (
          <Chip
            key={column.name}
            column={column}
            used={props.used.includes(column.name)}
            onInsert={props.onInsert}
          />
        ))}
      </div>
    </div>
  );
}

function Chip(props: {
  column: Column;
  used: boolean;
  onInsert: (placeholder: string) => void;
}): JSX.Element {
  const { trans } = useStudio();
  const { column, used } = props;
  const placeholder = `{${column.name}}`;
  return (
    <button
      type="button"
      className="jp-FtStudio-chip"
      draggable
      data-used={used}
      title={
        used
          ? trans.__('Insert %1 (in use)', placeholder)
          : trans.__('Insert %1', placeholder)
      }
      onDragStart={event => {
        event.dataTransfer.setData('text/plain', placeholder);
        event.dataTransfer.effectAllowed = 'copy';
      }}
      onClick={() => props.onInsert(placeholder)}
    >
      {column.name}
      <span className="jp-FtStudio-type">{column.type}</span>
    </button>
  );
}
