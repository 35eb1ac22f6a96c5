import * as React from 'react';

import type { Column } from '../api';
import { formatNumber } from '../format';
import { useStudio } from '../shell/context';
import { useModels } from '../state';
import type { NumberedRow, RowsModel } from './rowsmodel';
import type { Cell } from './viewport';
import { cellText, columnWidths, moved, ROW_PX, Viewport } from './viewport';

/** Long values are cut in the grid; the whole of them is beside it. */
const CUT = 300;
const INDEX_PX = 76;

export type GridProps = {
  rows: RowsModel;
  columns: Column[];
  /** The cell with the focus; the grid scrolls to it when it changes. */
  cell: Cell;
  onCell: (cell: Cell) => void;
  /** Show the whole value of a cell. */
  onOpen: (cell: Cell) => void;
  label: string;
};

/** Any number of rows, of which those in view exist; arrow keys move, Enter shows a cell. */
export function Grid(props: GridProps): JSX.Element {
  const { rows, columns, cell } = props;
  useModels(rows);
  const id = React.useId();
  const { box, view, width, top, scroll, onScroll, show } = useScroll(
    rows.total
  );
  const [first, end] = view.around(top);
  React.useEffect(
    () => rows.want(first, Math.max(end, first + 1)),
    [first, end, rows]
  );
  React.useEffect(() => show(cell.row), [cell.row, rows.loaded]);
  const widths = React.useMemo(
    () => columnWidths(columns, rows.sample),
    [columns, rows.split, rows.loaded]
  );
  React.useEffect(
    () => reveal(box.current, widths, cell.column),
    [cell.column, width]
  );
  const size = { columns: columns.length, rows: rows.total, page: view.fits };
  const onKeyDown = (event: React.KeyboardEvent) => {
    const to = moved(event.key, event.ctrlKey || event.metaKey, cell, size);
    if (to) {
      event.preventDefault();
      props.onCell(to);
    } else if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      props.onOpen(cell);
    }
  };
  const whole = INDEX_PX + widths.reduce((sum, next) => sum + next, 0);
  return (
    <div
      ref={box}
      className="jp-FtStudio-grid"
      role="grid"
      tabIndex={0}
      aria-label={props.label}
      aria-rowcount={rows.total + 1}
      aria-colcount={columns.length + 1}
      aria-activedescendant={`${id}-${cell.row}-${cell.column}`}
      aria-busy={!rows.loaded}
      onScroll={onScroll}
      onKeyDown={onKeyDown}
    >
      <div style={{ width: whole, height: view.content + ROW_PX }}>
        <Header columns={columns} widths={widths} />
        {range(first, end).map(place => (
          <Line
            {...props}
            key={place}
            id={id}
            place={place}
            found={rows.at(place)}
            widths={widths}
            // The first row's place is below the header, which takes part in the flow.
            y={ROW_PX + scroll + (place - top) * ROW_PX}
          />
        ))}
      </div>
    </div>
  );
}

/** The scrolled box, and the first row in view; the truth about large tables is `top`. */
function useScroll(total: number) {
  const box = React.useRef<HTMLDivElement>(null);
  const [{ width, height }, setSize] = React.useState({
    width: 0,
    height: 400
  });
  const [place, setPlace] = React.useState({ top: 0, scroll: 0 });
  const view = React.useMemo(
    () => new Viewport(total, height),
    [total, height]
  );
  const set = React.useRef(0);
  const go = (top: number) => {
    const scroll = view.scrollAt(top);
    if (box.current) {
      box.current.scrollTop = scroll;
      set.current = box.current.scrollTop;
    }
    setPlace({ top, scroll: set.current });
  };
  React.useEffect(() => {
    const node = box.current;
    const measure = () => {
      const { clientWidth, clientHeight } = node ?? {
        clientWidth: 0,
        clientHeight: 0
      };
      setSize({
        width: clientWidth,
        height: Math.max(ROW_PX, clientHeight - ROW_PX)
      });
    };
    measure();
    const observer = new ResizeObserver(measure);
    if (node) {
      observer.observe(node);
    }
    return () => observer.disconnect();
  }, []);
  React.useEffect(() => {
    const node = box.current;
    const onWheel = (event: WheelEvent) => {
      // A scaled scroll bar would jump over rows.
      if (view.scaled && !event.shiftKey && event.deltaY && !event.ctrlKey) {
        event.preventDefault();
        go(view.wheeled(place.top, event.deltaY * pixels(event.deltaMode)));
      }
    };
    node?.addEventListener('wheel', onWheel, { passive: false });
    return () => node?.removeEventListener('wheel', onWheel);
  }, [view, place.top]);
  const onScroll = (event: React.UIEvent) => {
    const { scrollTop } = event.currentTarget;
    if (scrollTop !== set.current) {
      set.current = -1;
      setPlace({ top: view.topAt(scrollTop), scroll: scrollTop });
    }
  };
  const show = (row: number) => {
    const top = view.showing(row, place.top);
    if (top !== place.top) {
      go(top);
    }
  };
  return { box, view, width, ...place, onScroll, show };
}

function pixels(mode: number): number {
  return mode === WheelEvent.DOM_DELTA_LINE ? ROW_PX : 1;
}

function reveal(
  box: HTMLDivElement | null,
  widths: number[],
  column: number
): void {
  if (!box) {
    return;
  }
  const left = widths.slice(0, column).reduce((sum, next) => sum + next, 0);
  const right = left + (widths[column] ?? 0);
  const room = box.clientWidth - INDEX_PX;
  if (left < box.scrollLeft) {
    box.scrollLeft = left;
  } else if (right > box.scrollLeft + room) {
    box.scrollLeft = Math.min(left, right - room);
  }
}

function range(first: number, end: number): number[] {
  return Array.from({ length: Math.max(0, end - first) }, (_, i) => first + i);
}

function Header(props: { columns: Column[]; widths: number[] }): JSX.Element {
  const { trans } = useStudio();
  return (
    <div className="jp-FtStudio-gridHead" role="row" aria-rowindex={1}>
      <div
        role="columnheader"
        className="jp-FtStudio-index"
        style={{ width: INDEX_PX }}
        aria-label={trans.__('Row')}
      >
        #
      </div>
      {props.columns.map((column, index) => (
        <div
          role="columnheader"
          key={column.name}
          style={{ width: props.widths[index] }}
          title={`${column.name}: ${column.type}`}
        >
          {column.name}
          <span className="jp-FtStudio-type">{column.type}</span>
        </div>
      ))}
    </div>
  );
}

function Line(
  props: GridProps & {
    id: string;
    place: number;
    found: NumberedRow | undefined;
    widths: number[];
    y: number;
  }
): JSX.Element {
  const { place, found, columns, cell } = props;
  return (
    <div
      role="row"
      aria-rowindex={place + 2}
      className="jp-FtStudio-gridRow"
      data-odd={place % 2 === 1}
      data-current={place === cell.row}
      style={{ transform: `translateY(${props.y}px)` }}
    >
      <div
        role="rowheader"
        className="jp-FtStudio-index"
        style={{ width: INDEX_PX }}
      >
        {found ? formatNumber(found.number + 1) : '…'}
      </div>
      {columns.map((column, index) => {
        const value = found?.row[column.name];
        const here = place === cell.row && index === cell.column;
        return (
          <div
            role="gridcell"
            key={column.name}
            id={`${props.id}-${place}-${index}`}
            aria-selected={here}
            className={
              found && (value === null || value === undefined)
                ? 'jp-FtStudio-null'
                : undefined
            }
            data-number={typeof value === 'number'}
            style={{ width: props.widths[index] }}
            onClick={() => {
              const at = { row: place, column: index };
              props.onCell(at);
              props.onOpen(at);
            }}
          >
            {found ? oneLine(value) : ''}
          </div>
        );
      })}
    </div>
  );
}

/** A value on one line, with its line breaks visible. */
function oneLine(value: unknown): string {
  return cellText(value).slice(0, CUT).replace(/\r?\n/g, ' ⏎ ');
}
