import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { formatNumber, formatShort } from '../format';
import { useStudio } from '../shell/context';
import { Badges } from './answer';
import { columnTitle, questionName } from './heads';
import type { CompareModel } from './model';
import type { LiveAnswer, Sheet } from './sheet';
import type { Share, Totals } from './totals';
import { totalsOf } from './totals';

/** Rows by models: all answers at a glance, with totals; a row opens its answers side by side. */
export function Grid(props: {
  model: CompareModel;
  sheet: Sheet;
  /** The row whose answers are shown in full. */
  row: number;
  choose: (row: number) => void;
}): JSX.Element {
  const { model, sheet, row, choose } = props;
  const { trans } = useStudio();
  const { order } = model.answers;
  return (
    <div className="jp-FtStudio-tableBox jp-FtStudio-compare-grid">
      <table
        className="jp-FtStudio-table"
        aria-label={trans.__('Answers by row')}
      >
        <thead>
          <tr>
            <th scope="col">{trans.__('Row')}</th>
            <th scope="col">{trans.__('Expected')}</th>
            {order.map((place, index) => (
              <th key={place} scope="col">
                {columnTitle(model, sheet, place, index, trans)}
              </th>
            ))}
          </tr>
          <TotalsRow model={model} sheet={sheet} />
        </thead>
        <tbody>
          {sheet.comparison.questions.map((question, index) => (
            <tr key={index} aria-selected={index === row}>
              <th scope="row">
                <button
                  type="button"
                  className="jp-FtStudio-button jp-FtStudio-plainButton"
                  title={question.prompt}
                  onClick={() => choose(index)}
                >
                  {questionName(question, trans)}
                </button>
              </th>
              <td>{question.expected}</td>
              {order.map(place => (
                <Cell
                  key={place}
                  answer={sheet.answer(place, index)}
                  over={sheet.ended}
                />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const Cell = React.memo((props: { answer: LiveAnswer; over: boolean }) => {
  const { answer, over } = props;
  return (
    <td data-state={answer.state} data-over={over}>
      <div
        className="jp-FtStudio-compare-cell"
        title={answer.text || answer.error?.message}
      >
        {answer.text ||
          (answer.error ? (
            <span className="jp-FtStudio-error">{answer.error.message}</span>
          ) : over ? (
            '–'
          ) : (
            '…'
          ))}
      </div>
      <Badges answer={answer} brief />
    </td>
  );
});
Cell.displayName = 'Cell';

function TotalsRow(props: { model: CompareModel; sheet: Sheet }): JSX.Element {
  const { model, sheet } = props;
  const { trans } = useStudio();
  return (
    <tr className="jp-FtStudio-compare-totals">
      <th scope="row" colSpan={2}>
        {trans.__('In all')}
      </th>
      {model.answers.order.map(place => (
        <td key={place}>
          {totalWords(totalsOf(sheet, place), trans).join(' · ')}
        </td>
      ))}
    </tr>
  );
}

/** The totals in words, those that say something. */
export function totalWords(totals: Totals, trans: TranslationBundle): string[] {
  const of = ({ passed, of: all }: Share) =>
    trans.__('%1 of %2', formatNumber(passed), formatNumber(all));
  const { exact, normalized, task, votes, tokens } = totals;
  return [
    exact.of ? trans.__('exact match %1', of(exact)) : '',
    normalized.passed > exact.passed
      ? trans.__('match but for form %1', of(normalized))
      : '',
    task.of ? trans.__('task passed %1', of(task)) : '',
    votes ? trans._n('1 vote', '%1 votes', votes, votes) : '',
    totals.first_token_s === null
      ? ''
      : trans.__('first token %1', formatShort(totals.first_token_s)),
    totals.tokens_per_s === null
      ? ''
      : trans.__('%1 tokens/s', formatNumber(totals.tokens_per_s)),
    tokens ? trans._n('1 token', '%2 tokens', tokens, formatNumber(tokens)) : ''
  ].filter(Boolean);
}
