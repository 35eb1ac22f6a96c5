import * as React from 'react';

import type { Column, Peek } from '../api';
import { ErrorBox, fieldError, SelectField, Sentence } from '../components';
import { cellText } from '../datasets/viewport';
import { formatBytes, formatNumber } from '../format';
import { useStudio } from '../shell/context';
import type { DatasetForm } from './datasetmodel';
import type { ColumnChange, Values } from './datasetvalues';

const ROWS = 6;
const CUT = 120;

/** What will be imported: splits, columns to rename or leave out, the first rows. */
export function PeekFields({
  model
}: {
  model: DatasetForm;
}): JSX.Element | null {
  const { trans } = useStudio();
  const { peek, peeking, peekError, error, columns } = model;
  const file = model.values.source === 'file';
  if (file && peekError && !error) {
    return <ErrorBox error={peekError} />;
  }
  if (!columns.length) {
    return file && peeking ? (
      <p className="jp-FtStudio-muted" role="status">
        {trans.__('Looking into the files…')}
      </p>
    ) : null;
  }
  return (
    <section
      className="jp-FtStudio-peek"
      aria-label={trans.__('What will be imported')}
      aria-busy={peeking}
    >
      {file && peek && <Summary peek={peek} />}
      {file && peek?.recognised && <Recognised model={model} />}
      <ColumnTable
        columns={columns}
        rows={file ? (peek?.rows ?? []) : []}
        changes={model.values.columns}
        onChange={changes => model.set({ columns: changes })}
      />
      {fieldError(error, 'columns') && (
        <div className="jp-FtStudio-error" role="alert">
          {fieldError(error, 'columns')}
        </div>
      )}
    </section>
  );
}

function Summary({ peek }: { peek: Peek }): JSX.Element {
  const { trans } = useStudio();
  const splits = peek.splits.map(split =>
    split.rows === null
      ? split.name
      : trans._n(
          '%3: 1 row',
          '%3: %2 rows',
          split.rows,
          formatNumber(split.rows),
          split.name
        )
  );
  return (
    <p className="jp-FtStudio-muted">
      {[...splits, peek.format, formatBytes(peek.bytes)].join(' · ')}
      {peek.as_job &&
        ` · ${trans.__('imported in the background, for its size')}`}
      {peek.ignored.length > 0 && (
        <span title={peek.ignored.join('\n')}>
          {' · '}
          {trans._n(
            '1 other file is left out',
            '%2 other files are left out',
            peek.ignored.length,
            formatNumber(peek.ignored.length)
          )}
        </span>
      )}
    </p>
  );
}

/** The published format that the columns are in, and what becomes of its messages. */
function Recognised({ model }: { model: DatasetForm }): JSX.Element | null {
  const { trans } = useStudio();
  const found = model.peek?.recognised;
  if (!found) {
    return null;
  }
  return (
    <div className="jp-FtStudio-recognised">
      <p>
        <strong>{trans.__('Recognised: %1.', found.label)}</strong>{' '}
        <Sentence text={found.message} />
      </p>
      {found.conversation && (
        <SelectField
          label={trans.__('Columns of text from the messages')}
          value={model.values.answers}
          onChange={answers =>
            model.set({
              answers: answers as Values['answers'],
              columns: {}
            })
          }
          choices={[
            {
              value: 'last',
              label: trans.__('One row a conversation, its last answer')
            },
            {
              value: 'each',
              label: trans.__('One row for each answer')
            },
            { value: '', label: trans.__('None: keep the messages') }
          ]}
        />
      )}
    </div>
  );
}

function ColumnTable(props: {
  columns: Column[];
  rows: Record<string, unknown>[];
  changes: Record<string, ColumnChange>;
  onChange: (changes: Record<string, ColumnChange>) => void;
}): JSX.Element {
  const { trans } = useStudio();
  const { columns, rows, changes, onChange } = props;
  const of = (name: string) => changes[name] ?? { name, keep: true };
  return (
    <div
      className="jp-FtStudio-tableBox"
      role="group"
      aria-label={trans.__('Columns and first rows')}
    >
      <table className="jp-FtStudio-table">
        <thead>
          <tr>
            {columns.map(column => (
              <th
                scope="col"
                key={column.name}
                data-kept={of(column.name).keep}
              >
                <ColumnHead
                  column={column}
                  change={of(column.name)}
                  onChange={change =>
                    onChange({ ...changes, [column.name]: change })
                  }
                />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, ROWS).map((row, index) => (
            <tr key={index}>
              {columns.map(({ name }) => (
                <td
                  key={name}
                  data-kept={of(name).keep}
                  title={cellText(row[name]).slice(0, 1000)}
                >
                  {cellText(row[name]).slice(0, CUT)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ColumnHead(props: {
  column: Column;
  change: ColumnChange;
  onChange: (change: ColumnChange) => void;
}): JSX.Element {
  const { trans } = useStudio();
  const { column, change, onChange } = props;
  return (
    <>
      <div className="jp-FtStudio-columnName">
        <input
          type="checkbox"
          checked={change.keep}
          aria-label={trans.__('Import the column %1', column.name)}
          title={trans.__('Import this column')}
          onChange={event =>
            onChange({ ...change, keep: event.target.checked })
          }
        />
        <input
          type="text"
          className="jp-mod-styled"
          spellCheck={false}
          disabled={!change.keep}
          aria-label={trans.__('Title of the column %1', column.name)}
          size={Math.min(24, Math.max(8, change.name.length))}
          value={change.name}
          onChange={event => onChange({ ...change, name: event.target.value })}
        />
      </div>
      <span className="jp-FtStudio-type">{column.type}</span>
    </>
  );
}
