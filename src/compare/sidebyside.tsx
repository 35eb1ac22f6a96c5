import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { Button } from '../components';
import { useStudio } from '../shell/context';
import { AnswerText, Badges, CopyButton, Marked, MetricsLine } from './answer';
import { columnTitle, settingsWords } from './heads';
import type { Piece } from './diff';
import { diffWords } from './diff';
import type { CompareModel } from './model';
import type { LiveAnswer, Sheet, SheetColumn } from './sheet';
import { isOver } from './sheet';

/** What differences are marked against: nothing, the expected answer, or a column's answer. */
export type Against = 'nothing' | 'expected' | number;

/** The answers to one question, a column for each model. */
export function SideBySide(props: {
  model: CompareModel;
  sheet: Sheet;
  row: number;
  against: Against;
}): JSX.Element {
  const { model, sheet, row, against } = props;
  const { trans } = useStudio();
  return (
    <div
      className="jp-FtStudio-compare-columns"
      role="group"
      aria-label={trans.__('Answers')}
    >
      {model.answers.order.map((place, index) => (
        <Column
          key={`${sheet.comparison.id}/${place}`}
          model={model}
          sheet={sheet}
          row={row}
          place={place}
          title={columnTitle(model, sheet, place, index, trans)}
          answer={sheet.answer(place, row)}
          other={otherText(sheet, row, place, against)}
          against={against}
        />
      ))}
    </div>
  );
}

/** The text an answer is compared with; null where there is none, or not all of it yet. */
function otherText(
  sheet: Sheet,
  row: number,
  place: number,
  against: Against
): string | null {
  if (against === 'nothing' || against === place) {
    return null;
  }
  if (against === 'expected') {
    return sheet.comparison.questions[row]?.expected ?? null;
  }
  const other = sheet.answer(against, row);
  return isOver(other) ? other.text : null;
}

function Column(props: {
  model: CompareModel;
  sheet: Sheet;
  row: number;
  place: number;
  title: string;
  answer: LiveAnswer;
  other: string | null;
  against: Against;
}): JSX.Element {
  const { model, sheet, row, place, title, answer, other, against } = props;
  const { trans } = useStudio();
  const { text, state } = answer;
  const column = sheet.columns[place];
  const pieces = React.useMemo(
    () => (other !== null && state === 'done' ? diffWords(other, text) : null),
    [other, text, state]
  );
  const named = model.answers.revealed;
  return (
    <article
      className="jp-FtStudio-compare-column"
      data-state={state}
      aria-label={title}
    >
      <header>
        <div className="jp-FtStudio-compare-columnHead">
          <h3 title={title}>{title}</h3>
          <CopyButton text={text} name={title} />
        </div>
        <p className="jp-FtStudio-muted">
          {named ? about(column, trans) : trans.__('name hidden')}
        </p>
        <MetricsLine answer={answer} />
        <Badges answer={answer} />
      </header>
      <AnswerText
        answer={answer}
        pieces={pieces?.right ?? null}
        over={sheet.ended}
      />
      {against === 'expected' && pieces && !answer.metrics?.exact && (
        <Expected pieces={pieces.left} />
      )}
      <VoteButton model={model} sheet={sheet} row={row} place={place} />
    </article>
  );
}

/** What the title does not say; in blind mode it would give the name away. */
function about(column: SheetColumn, trans: TranslationBundle): string {
  const base = column.adapter_name ? `${column.base_model_name} · ` : '';
  return base + settingsWords(column.settings, trans);
}

/** The expected answer again, with what the answer lacks. */
function Expected({ pieces }: { pieces: Piece[] }): JSX.Element {
  const { trans } = useStudio();
  return (
    <div className="jp-FtStudio-compare-expected">
      <span className="jp-FtStudio-muted">{trans.__('Expected')}</span>
      <pre className="jp-FtStudio-compare-text">
        <Marked pieces={pieces} kind="missing" />
      </pre>
    </div>
  );
}

function VoteButton(props: {
  model: CompareModel;
  sheet: Sheet;
  row: number;
  place: number;
}): JSX.Element | null {
  const { model, sheet, row, place } = props;
  const { trans } = useStudio();
  if (sheet.columns.length < 2) {
    return null;
  }
  const { answers } = model;
  const vote = answers.voteFor(row);
  const column = sheet.columns[place];
  const chosen =
    vote?.column === column.column && (vote?.setting ?? 0) === column.setting;
  return (
    <Button
      className="jp-FtStudio-compare-vote"
      kind={chosen ? 'primary' : 'normal'}
      label={chosen ? trans.__('✓ Your choice') : trans.__('This is better')}
      why={noVote(model, sheet, row, trans)}
      onClick={() => void answers.vote(row, chosen ? null : place)}
    />
  );
}

/** Why nobody can vote yet; null when one can. */
export function noVote(
  model: CompareModel,
  sheet: Sheet,
  row: number,
  trans: TranslationBundle
): string | null {
  const all = sheet.columns.every((_, place) =>
    isOver(sheet.answer(place, row))
  );
  if (!all && !sheet.ended) {
    return trans.__('Once all have answered');
  }
  return sheet.saved && !model.answers.asking
    ? null
    : trans.__('This comparison is not kept');
}
