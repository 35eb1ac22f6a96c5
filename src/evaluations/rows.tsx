import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type {
  EvaluationRow,
  EvaluationRowsPage,
  Metrics,
  ScoredRow
} from '../api';
import { Marked } from '../compare/answer';
import { diffWords } from '../compare/diff';
import { Button, ErrorBox, SelectField, TextField } from '../components';
import { formatNumber, formatShort } from '../format';
import { useStudio } from '../shell/context';
import type { EvaluationModel } from './model';
import { valueOf } from './numbers';

type Props = { model: EvaluationModel; metrics: Metrics };

/** All rows with all answers, searched, filtered and sorted by the server. */
export function RowsTable({ model, metrics }: Props): JSX.Element {
  const { trans } = useStudio();
  const { rows, rowsError } = model;
  return (
    <>
      <Filters model={model} metrics={metrics} />
      {rowsError && (
        <ErrorBox error={rowsError} retry={() => void model.look({})} />
      )}
      {rows && (
        <>
          <div className="jp-FtStudio-tableBox">
            <table
              className="jp-FtStudio-table jp-FtStudio-answerTable"
              aria-label={trans.__('Rows with all answers')}
            >
              <thead>
                <tr>
                  <th scope="col">{trans.__('Row')}</th>
                  <th scope="col">{trans.__('Expected')}</th>
                  {metrics.systems.map(system => (
                    <th key={system.key} scope="col">
                      {system.label}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {rows.items.map((row, place) => (
                  <React.Fragment key={`${row.split}-${row.row}`}>
                    <Row
                      model={model}
                      metrics={metrics}
                      row={row}
                      place={place}
                    />
                    {model.chosen === place && (
                      <tr className="jp-FtStudio-answerDetail">
                        <td colSpan={2 + metrics.systems.length}>
                          <Detail row={row} metrics={metrics} />
                        </td>
                      </tr>
                    )}
                  </React.Fragment>
                ))}
              </tbody>
            </table>
          </div>
          <Pages model={model} rows={rows} />
        </>
      )}
    </>
  );
}

function Filters({ model, metrics }: Props): JSX.Element {
  const { trans } = useStudio();
  const { query, rows } = model;
  const count = (words: string, number: number | undefined) =>
    rows && rows.system ? `${words} (${formatNumber(number ?? 0)})` : words;
  const system = query.system ?? rows?.system ?? '';
  return (
    <div className="jp-FtStudio-filters" role="search">
      <SelectField
        label={trans.__('Compare')}
        value={system}
        choices={metrics.systems
          .filter(each => each.key !== rows?.baseline)
          .map(each => ({ value: each.key, label: each.label }))}
        onChange={value => void model.look({ system: value })}
      />
      <SelectField
        label={trans.__('With the baseline')}
        value={query.outcome ?? ''}
        choices={[
          { value: '', label: trans.__('all rows') },
          { value: 'win', label: count(trans.__('only wins'), rows?.wins) },
          {
            value: 'loss',
            label: count(trans.__('only losses'), rows?.losses)
          },
          { value: 'tie', label: count(trans.__('only ties'), rows?.ties) }
        ]}
        onChange={value =>
          void model.look({
            outcome: (value || null) as 'win' | 'loss' | 'tie' | null
          })
        }
      />
      <SelectField
        label={trans.__('Order')}
        value={query.sort ?? 'row'}
        choices={[
          { value: 'row', label: trans.__('as in the dataset') },
          { value: 'score', label: trans.__('worst answer first') },
          { value: 'difference', label: trans.__('worst against baseline') },
          { value: 'length', label: trans.__('shortest expected first') }
        ]}
        onChange={value => void model.look({ sort: value as 'row' })}
      />
      <TextField
        label={trans.__('Search')}
        type="search"
        placeholder={trans.__('Text of a prompt or an answer')}
        value={query.q ?? ''}
        onChange={q => void model.look({ q })}
      />
    </div>
  );
}

function Row(
  props: Props & { row: EvaluationRow; place: number }
): JSX.Element {
  const { model, metrics, row, place } = props;
  const { trans } = useStudio();
  const open = model.chosen === place;
  return (
    <tr data-outcome={row.outcome} aria-selected={open}>
      <th scope="row">
        <button
          type="button"
          className="jp-FtStudio-button jp-FtStudio-plainButton"
          aria-expanded={open}
          title={row.prompt}
          onClick={() => model.choose(place)}
        >
          {trans.__('%1 %2', row.split, formatNumber(row.row + 1))}
        </button>
        {row.outcome && (
          <span className="jp-FtStudio-tag" data-outcome={row.outcome}>
            {outcomeWord(row.outcome, trans)}
          </span>
        )}
      </th>
      <td title={row.expected}>{row.expected}</td>
      {metrics.systems.map(system => {
        const answer = row.answers[system.key];
        return (
          <td
            key={system.key}
            title={answer?.answer}
            data-good={goodOf(answer, model)}
          >
            {answer ? answer.answer || '∅' : '…'}
          </td>
        );
      })}
    </tr>
  );
}

/** Whether an answer is right, for metrics that say so; undefined for the others. */
function goodOf(
  answer: ScoredRow | undefined,
  { info }: EvaluationModel
): boolean | undefined {
  const score = info?.kind === 'share' ? answer?.scores[info.key] : null;
  return typeof score === 'number' ? score >= 1 : undefined;
}

function outcomeWord(
  outcome: 'win' | 'loss' | 'tie',
  trans: TranslationBundle
): string {
  return {
    win: trans.__('win'),
    loss: trans.__('loss'),
    tie: trans.__('tie')
  }[outcome];
}

/** What was asked, and each answer against the expected one, word by word. */
function Detail(props: { row: EvaluationRow; metrics: Metrics }): JSX.Element {
  const { trans } = useStudio();
  const { row, metrics } = props;
  const values = Object.entries(row.values);
  return (
    <div className="jp-FtStudio-answers">
      <section>
        <h4>{trans.__('Prompt')}</h4>
        <pre className="jp-FtStudio-rendered">{row.prompt}</pre>
      </section>
      {values.length > 0 && (
        <section>
          <h4>{trans.__('Columns')}</h4>
          <dl className="jp-FtStudio-facts">
            {values.map(([name, value]) => (
              <React.Fragment key={name}>
                <dt>{name}</dt>
                <dd>
                  {typeof value === 'string' ? value : JSON.stringify(value)}
                </dd>
              </React.Fragment>
            ))}
          </dl>
        </section>
      )}
      <section>
        <h4>{trans.__('Expected')}</h4>
        <pre className="jp-FtStudio-rendered">{row.expected}</pre>
      </section>
      {metrics.systems.map(system => {
        const answer = row.answers[system.key];
        return (
          answer && (
            <section key={system.key}>
              <h4>{system.label}</h4>
              <pre className="jp-FtStudio-rendered">
                <Marked
                  pieces={diffWords(answer.answer, row.expected).left}
                  kind="extra"
                />
              </pre>
              <p className="jp-FtStudio-help">
                {scoreWords(answer, metrics, trans)}
              </p>
              {Object.values(answer.notes).map(note => (
                <p key={note}>{note}</p>
              ))}
            </section>
          )
        );
      })}
    </div>
  );
}

function scoreWords(
  answer: ScoredRow,
  metrics: Metrics,
  trans: TranslationBundle
): string {
  const scores = metrics.infos
    .filter(info => typeof answer.scores[info.key] === 'number')
    .map(info => `${info.title} ${valueOf(answer.scores[info.key], info)}`);
  return [
    ...scores,
    trans._n(
      '1 token',
      '%2 tokens',
      answer.new_tokens,
      formatNumber(answer.new_tokens)
    ),
    answer.stopped ? '' : trans.__('cut at the limit'),
    formatShort(answer.seconds)
  ]
    .filter(Boolean)
    .join(' · ');
}

function Pages(props: {
  model: EvaluationModel;
  rows: EvaluationRowsPage;
}): JSX.Element {
  const { trans } = useStudio();
  const { model, rows } = props;
  const offset = model.query.offset ?? 0;
  const limit = model.query.limit ?? 25;
  const to = Math.min(offset + limit, rows.total);
  return (
    <div className="jp-FtStudio-pages">
      <Button
        label={trans.__('Previous')}
        why={offset === 0 ? trans.__('These are the first rows') : null}
        onClick={() => void model.look({ offset: Math.max(0, offset - limit) })}
      />
      <span role="status">
        {rows.total
          ? trans.__(
              'Rows %1 to %2 of %3',
              formatNumber(offset + 1),
              formatNumber(to),
              formatNumber(rows.total)
            )
          : trans.__('No such rows')}
      </span>
      <Button
        label={trans.__('Next')}
        why={to >= rows.total ? trans.__('These are the last rows') : null}
        onClick={() => void model.look({ offset: offset + limit })}
      />
    </div>
  );
}
