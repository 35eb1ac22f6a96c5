import {
  caretLeftIcon,
  caretRightIcon,
  closeIcon,
  copyIcon
} from '@jupyterlab/ui-components';
import * as React from 'react';

import type { Column } from '../api';
import { IconButton } from '../components';
import { formatNumber } from '../format';
import { useStudio } from '../shell/context';
import type { NumberedRow } from './rowsmodel';
import { cellText } from './viewport';

/** The whole value of one cell, wrapped, to read and to copy. */
export function CellPane(props: {
  column: Column;
  found: NumberedRow | undefined;
  /** To the column before or after; null where there is none. */
  onBefore: (() => void) | null;
  onAfter: (() => void) | null;
  onClose: () => void;
}): JSX.Element {
  const { messages, trans } = useStudio();
  const { column, found } = props;
  const value = found?.row[column.name];
  const text = fullText(value);
  const copy = () => {
    navigator.clipboard.writeText(text).catch(reason => messages.error(reason));
  };
  const step = (go: (() => void) | null, why: string) =>
    go ? { onClick: go } : { onClick: () => undefined, why };
  return (
    <aside
      className="jp-FtStudio-cellPane"
      aria-label={trans.__('Cell')}
      onKeyDown={event => {
        if (event.key === 'Escape') {
          props.onClose();
        }
      }}
    >
      <header>
        <IconButton
          icon={caretLeftIcon}
          label={trans.__('Column before')}
          {...step(props.onBefore, trans.__('This is the first column'))}
        />
        <IconButton
          icon={caretRightIcon}
          label={trans.__('Next column')}
          {...step(props.onAfter, trans.__('This is the last column'))}
        />
        <h3 title={`${column.name}: ${column.type}`}>{column.name}</h3>
        <IconButton
          icon={copyIcon}
          label={trans.__('Copy the value')}
          onClick={copy}
        />
        <IconButton
          icon={closeIcon}
          label={trans.__('Close')}
          onClick={props.onClose}
        />
      </header>
      {found && (
        <p className="jp-FtStudio-muted">
          {trans.__('Row %1', formatNumber(found.number + 1))}
          {typeof value === 'string' &&
            ` · ${trans._n('1 character', '%2 characters', value.length, formatNumber(value.length))}`}
        </p>
      )}
      <pre
        tabIndex={0}
        className="jp-FtStudio-rendered"
        aria-label={trans.__('Value')}
        data-null={found && (value === null || value === undefined)}
      >
        {found ? text : trans.__('Loading…')}
      </pre>
    </aside>
  );
}

/** A value as people read it: text as it is, nested values indented. */
function fullText(value: unknown): string {
  return typeof value === 'object' && value !== null
    ? JSON.stringify(value, null, 2)
    : cellText(value);
}
