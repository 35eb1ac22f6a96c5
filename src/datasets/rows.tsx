import * as React from 'react';

import type { Dataset } from '../api';
import { ErrorBox, Field, SelectField } from '../components';
import { formatNumber } from '../format';
import { useStudio } from '../shell/context';
import { useModels } from '../state';
import { CellPane } from './cellpane';
import { Grid } from './grid';
import type { RowsModel } from './rowsmodel';
import type { Cell } from './viewport';

const PAUSE_MS = 300;

/** A row that somebody asks to see, such as an example of a finding. */
export type RowAim = { split: string; row: number; column?: string | null };

/** The rows of a dataset: splits, search, any row by its number, any cell in full. */
export function Rows(props: {
  dataset: Dataset;
  rows: RowsModel;
  aim: RowAim | null;
}): JSX.Element {
  const { trans } = useStudio();
  const { dataset, rows, aim } = props;
  useModels(rows);
  const [cell, setCell] = React.useState<Cell>({ row: 0, column: 0 });
  const [open, setOpen] = React.useState(false);
  const root = React.useRef<HTMLElement>(null);
  React.useEffect(() => {
    if (aim) {
      const column = dataset.columns.findIndex(c => c.name === aim.column);
      goTo(rows, aim);
      setCell({ row: aim.row, column: Math.max(0, column) });
      setOpen(true);
      root.current?.scrollIntoView?.({ block: 'start' });
    }
  }, [aim]);
  const question = (change: { split?: string; query?: string }) => {
    rows.show(change);
    setCell({ row: 0, column: cell.column });
  };
  const focusGrid = () =>
    root.current?.querySelector<HTMLElement>('[role=grid]')?.focus();
  const column = dataset.columns[cell.column];
  const side = (by: number) =>
    dataset.columns[cell.column + by]
      ? () => setCell({ ...cell, column: cell.column + by })
      : null;
  return (
    <section
      ref={root}
      className="jp-FtStudio-rows"
      aria-label={trans.__('Rows')}
    >
      <h2>{trans.__('Rows')}</h2>
      <RowsBar
        dataset={dataset}
        rows={rows}
        onQuestion={question}
        onGo={row => {
          goTo(rows, { split: rows.split, row });
          setCell({ row, column: cell.column });
        }}
      />
      {rows.error && <ErrorBox error={rows.error} retry={() => rows.retry()} />}
      <div className="jp-FtStudio-gridAndCell">
        <Grid
          rows={rows}
          columns={dataset.columns}
          cell={cell}
          onCell={setCell}
          onOpen={() => setOpen(true)}
          label={trans.__('Rows of %1', dataset.name)}
        />
        {open && column && rows.total > 0 && (
          <CellPane
            column={column}
            found={rows.at(cell.row)}
            onBefore={side(-1)}
            onAfter={side(1)}
            onClose={() => {
              setOpen(false);
              focusGrid();
            }}
          />
        )}
      </div>
    </section>
  );
}

/** Leaves a search, or goes to another split, when the row is not among what is shown. */
function goTo(rows: RowsModel, aim: RowAim): void {
  if (rows.query || rows.split !== aim.split) {
    rows.show({ split: aim.split, query: '' });
  }
}

function RowsBar(props: {
  dataset: Dataset;
  rows: RowsModel;
  onQuestion: (change: { split?: string; query?: string }) => void;
  onGo: (row: number) => void;
}): JSX.Element {
  const { trans } = useStudio();
  const { dataset, rows } = props;
  return (
    <div className="jp-FtStudio-rowsBar">
      {dataset.splits.length > 1 && (
        <SelectField
          label={trans.__('Split')}
          value={rows.split}
          onChange={split => props.onQuestion({ split })}
          choices={dataset.splits.map(item => ({
            value: item.name,
            label: trans.__('%1 (%2 rows)', item.name, formatNumber(item.rows))
          }))}
        />
      )}
      <RowSearch
        query={rows.query}
        onSearch={query => props.onQuestion({ query })}
      />
      <GoToRow dataset={dataset} rows={rows} onGo={props.onGo} />
      <span className="jp-FtStudio-muted" aria-live="polite">
        {told(rows, trans)}
      </span>
    </div>
  );
}

function told(
  rows: RowsModel,
  trans: ReturnType<typeof useStudio>['trans']
): string {
  const { loaded, query, total } = rows;
  if (!loaded) {
    return query ? trans.__('Searching…') : trans.__('Loading…');
  }
  const count = formatNumber(total);
  return query
    ? trans._n('1 row has “%3”', '%2 rows have “%3”', total, count, query)
    : trans._n('1 row', '%2 rows', total, count);
}

function RowSearch(props: {
  query: string;
  onSearch: (query: string) => void;
}): JSX.Element {
  const { trans } = useStudio();
  const [text, setText] = React.useState(props.query);
  React.useEffect(() => setText(props.query), [props.query]);
  React.useEffect(() => {
    if (text === props.query) {
      return;
    }
    const timer = window.setTimeout(() => props.onSearch(text), PAUSE_MS);
    return () => window.clearTimeout(timer);
  }, [text]);
  return (
    <Field label={trans.__('Search')} className="jp-FtStudio-rowSearch">
      {input => (
        <input
          {...input}
          type="search"
          className="jp-mod-styled"
          placeholder={trans.__('Text in any column')}
          value={text}
          onChange={event => setText(event.target.value)}
          onKeyDown={event => {
            if (event.key === 'Enter') {
              props.onSearch(text);
            }
          }}
        />
      )}
    </Field>
  );
}

function GoToRow(props: {
  dataset: Dataset;
  rows: RowsModel;
  onGo: (row: number) => void;
}): JSX.Element {
  const { trans } = useStudio();
  const { dataset, rows } = props;
  const [text, setText] = React.useState('');
  const most = dataset.splits.find(item => item.name === rows.split)?.rows ?? 0;
  const number = Number(text.replace(/[,\s]/g, ''));
  const wrong = Boolean(text) && !(number >= 1 && number <= most);
  const go = () => {
    if (text && !wrong) {
      props.onGo(Math.floor(number) - 1);
    }
  };
  return (
    <Field label={trans.__('Go to row')} className="jp-FtStudio-goToRow">
      {input => (
        <input
          {...input}
          type="text"
          inputMode="numeric"
          className="jp-mod-styled"
          aria-invalid={wrong}
          title={trans.__('1 to %1, then Enter', formatNumber(most))}
          placeholder={trans.__('1 to %1', formatNumber(most))}
          value={text}
          onChange={event => setText(event.target.value)}
          onKeyDown={event => {
            if (event.key === 'Enter') {
              go();
            }
          }}
        />
      )}
    </Field>
  );
}
