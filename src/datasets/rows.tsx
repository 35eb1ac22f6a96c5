import { caretLeftIcon, caretRightIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { Dataset, RowsPage } from '../api';
import { ApiError } from '../api';
import {
  CheckboxField,
  ErrorBox,
  IconButton,
  SelectField
} from '../components';
import { formatNumber } from '../format';
import { useStudio } from '../shell/context';

const PAGE = 25;

/** The rows of a dataset, one page at a time. */
export function RowsGrid({ dataset }: { dataset: Dataset }): JSX.Element {
  const { trans } = useStudio();
  const [split, setSplit] = React.useState(dataset.splits[0]?.name ?? '');
  const [offset, setOffset] = React.useState(0);
  const [wrap, setWrap] = React.useState(false);
  const { page, error, retry } = useRows(dataset, split, offset);
  return (
    <section className="jp-FtStudio-rows" aria-label={trans.__('Rows')}>
      <div className="jp-FtStudio-rowsBar">
        {dataset.splits.length > 1 && (
          <SelectField
            label={trans.__('Split')}
            value={split}
            onChange={name => {
              setSplit(name);
              setOffset(0);
            }}
            choices={dataset.splits.map(item => ({
              value: item.name,
              label: trans.__(
                '%1 (%2 rows)',
                item.name,
                formatNumber(item.rows)
              )
            }))}
          />
        )}
        <Pager page={page} offset={offset} onMove={setOffset} />
        <CheckboxField
          label={trans.__('Wrap long text')}
          value={wrap}
          onChange={setWrap}
        />
      </div>
      {error && <ErrorBox error={error} retry={retry} />}
      {page && <Table dataset={dataset} page={page} wrap={wrap} />}
    </section>
  );
}

function useRows(
  dataset: Dataset,
  split: string,
  offset: number
): { page: RowsPage | null; error: ApiError | null; retry: () => void } {
  const { api } = useStudio();
  const [page, setPage] = React.useState<RowsPage | null>(null);
  const [error, setError] = React.useState<ApiError | null>(null);
  const [turn, setTurn] = React.useState(0);
  React.useEffect(() => {
    const abort = new AbortController();
    api.datasets
      .rows(
        dataset.id,
        { split, offset, limit: PAGE },
        { signal: abort.signal }
      )
      .then(
        found => {
          setPage(found);
          setError(null);
        },
        reason => {
          if (!abort.signal.aborted) {
            setError(ApiError.from(reason));
          }
        }
      );
    return () => abort.abort();
  }, [dataset.id, split, offset, turn]);
  return { page, error, retry: () => setTurn(turn + 1) };
}

function Pager(props: {
  page: RowsPage | null;
  offset: number;
  onMove: (offset: number) => void;
}): JSX.Element {
  const { trans } = useStudio();
  const { page, offset, onMove } = props;
  const total = page?.total ?? 0;
  const last = offset + (page?.rows.length ?? 0);
  return (
    <div className="jp-FtStudio-pager">
      <IconButton
        icon={caretLeftIcon}
        label={trans.__('Earlier rows')}
        why={offset === 0 ? trans.__('These are the first rows') : null}
        onClick={() => onMove(Math.max(0, offset - PAGE))}
      />
      <span aria-live="polite">
        {trans.__(
          'Rows %1–%2 of %3',
          formatNumber(total ? offset + 1 : 0),
          formatNumber(last),
          formatNumber(total)
        )}
      </span>
      <IconButton
        icon={caretRightIcon}
        label={trans.__('Later rows')}
        why={last >= total ? trans.__('These are the last rows') : null}
        onClick={() => onMove(offset + PAGE)}
      />
    </div>
  );
}

function Table(props: {
  dataset: Dataset;
  page: RowsPage;
  wrap: boolean;
}): JSX.Element {
  const { dataset, page, wrap } = props;
  return (
    <div
      className="jp-FtStudio-tableBox"
      tabIndex={0}
      role="group"
      aria-label={dataset.name}
    >
      <table className="jp-FtStudio-table" data-wrap={wrap}>
        <thead>
          <tr>
            <th scope="col" className="jp-FtStudio-index">
              #
            </th>
            {dataset.columns.map(column => (
              <th scope="col" key={column.name}>
                {column.name}
                <span className="jp-FtStudio-type">{column.type}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {page.rows.map((row, index) => (
            <tr key={page.offset + index}>
              <th scope="row" className="jp-FtStudio-index">
                {formatNumber(page.offset + index)}
              </th>
              {dataset.columns.map(column => (
                <Cell key={column.name} value={row[column.name]} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Cell({ value }: { value: unknown }): JSX.Element {
  if (value === null || value === undefined) {
    return <td className="jp-FtStudio-null">{String(null)}</td>;
  }
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return (
    <td title={text} data-number={typeof value === 'number'}>
      {text}
    </td>
  );
}
