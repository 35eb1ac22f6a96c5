import { caretLeftIcon, caretRightIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { Dataset, Preview } from '../api';
import { IconButton } from '../components';
import { formatNumber } from '../format';
import { useStudio } from '../shell/context';
import type { RowPreview } from './preview';
import { MANY } from './preview';

/** Which row is seen: the one before, the one after, or one by its number, in a split. */
export function Stepper(props: {
  preview: RowPreview;
  answer: Preview;
  dataset: Dataset | null;
}): JSX.Element {
  const { trans } = useStudio();
  const { preview, answer, dataset } = props;
  const { split, row, total } = answer;
  const step = preview.many ? MANY : 1;
  const go = (to: number) => void preview.go(split, to);
  const splits = dataset?.splits ?? [];
  return (
    <div className="jp-FtStudio-pager">
      {splits.length > 1 && (
        <span className="jp-FtStudio-select jp-select-wrapper">
          <select
            className="jp-mod-styled"
            aria-label={trans.__('Split')}
            value={split}
            onChange={event => void preview.go(event.target.value, 0)}
          >
            {splits.map(item => (
              <option key={item.name} value={item.name}>
                {item.name}
              </option>
            ))}
          </select>
        </span>
      )}
      <IconButton
        icon={caretLeftIcon}
        label={trans.__('Previous row')}
        why={row === 0 ? trans.__('This is the first row') : null}
        onClick={() => go(row - step)}
      />
      <RowNumber row={row} total={total} onGo={go} />
      <span>{trans.__('of %1', formatNumber(total))}</span>
      <IconButton
        icon={caretRightIcon}
        label={trans.__('Next row')}
        why={row + step >= total ? trans.__('This is the last row') : null}
        onClick={() => go(row + step)}
      />
    </div>
  );
}

/** The number of the row; another one is gone to when it is entered. */
function RowNumber(props: {
  row: number;
  total: number;
  onGo: (row: number) => void;
}): JSX.Element {
  const { trans } = useStudio();
  const { row, total, onGo } = props;
  const [text, setText] = React.useState('');
  React.useEffect(() => setText(String(row + 1)), [row]);
  const enter = () => {
    const number = Math.round(Number(text.replace(/[,\s]/g, '')));
    if (!text.trim() || !Number.isFinite(number)) {
      setText(String(row + 1));
      return;
    }
    const next = Math.max(1, Math.min(total, number)) - 1;
    setText(String(next + 1));
    if (next !== row) {
      onGo(next);
    }
  };
  return (
    <label className="jp-FtStudio-rowNumber">
      {trans.__('Row')}
      <input
        type="text"
        inputMode="numeric"
        className="jp-mod-styled"
        value={text}
        onChange={event => setText(event.target.value)}
        onBlur={enter}
        onKeyDown={event => {
          if (event.key === 'Enter') {
            event.preventDefault();
            enter();
          }
        }}
      />
    </label>
  );
}
