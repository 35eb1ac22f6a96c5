import { caretLeftIcon, caretRightIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { Choice } from '../components';
import {
  Button,
  Checks,
  ErrorBox,
  IconButton,
  SelectField
} from '../components';
import { ApiError } from '../api';
import { formatNumber } from '../format';
import { useStudio } from '../shell/context';
import { Grid } from './grid';
import { columnTitle, questionName } from './heads';
import type { CompareModel } from './model';
import type { Sheet } from './sheet';
import type { Against } from './sidebyside';
import { noVote, SideBySide } from './sidebyside';

type Props = { model: CompareModel; sheet: Sheet };

/** The answers: a grid where several rows were asked, and one row's answers side by side. */
export function Results({ model, sheet }: Props): JSX.Element {
  const { trans } = useStudio();
  const { id, questions } = sheet.comparison;
  const [chosen, setChosen] = React.useState({ id, row: 0 });
  const [against, setAgainst] = React.useState<Against>('expected');
  const row = chosen.id === id ? Math.min(chosen.row, questions.length - 1) : 0;
  const choose = (to: number) => setChosen({ id, row: to });
  const question = questions[row];
  if (!question) {
    return <></>;
  }
  const shown = possible(against, sheet, row);
  return (
    <section
      className="jp-FtStudio-compare-results"
      aria-label={trans.__('Results')}
      data-comparison={id}
      data-stale={model.stale && !model.answers.asking}
    >
      <Notices sheet={sheet} retry={() => void model.ask()} />
      {questions.length > 1 && (
        <Grid model={model} sheet={sheet} row={row} choose={choose} />
      )}
      <div className="jp-FtStudio-compare-resultsBar">
        <h2>{questionName(question, trans)}</h2>
        <span className="jp-FtStudio-muted">
          {[sheet.comparison.precision, sheet.comparison.dataset_name]
            .filter(Boolean)
            .join(' · ')}
        </span>
        {questions.length > 1 && (
          <RowPager row={row} total={questions.length} go={choose} />
        )}
        <AgainstPicker
          model={model}
          sheet={sheet}
          row={row}
          value={shown}
          onChange={setAgainst}
        />
        <Verdict model={model} sheet={sheet} row={row} />
      </div>
      {questions.length > 1 && (
        <pre className="jp-FtStudio-rendered jp-FtStudio-compare-asked">
          {question.prompt}
        </pre>
      )}
      <SideBySide model={model} sheet={sheet} row={row} against={shown} />
    </section>
  );
}

function Notices(props: { sheet: Sheet; retry: () => void }): JSX.Element {
  const { sheet, retry } = props;
  const { trans } = useStudio();
  const { error, notices, saved, ended, comparison, failures } = sheet;
  const failure =
    error ?? (ended ? (comparison.error ?? failures.error) : null);
  return (
    <>
      <ErrorBox error={failure && new ApiError(failure, 0)} retry={retry}>
        {failures.count > 0 && (
          <div>
            {trans._n(
              'One answer is missing.',
              '%2 answers are missing.',
              failures.count,
              formatNumber(failures.count)
            )}
          </div>
        )}
      </ErrorBox>
      <Checks
        label={trans.__('Notes on this comparison')}
        checks={[
          ...notices.map(notice => ({
            level: 'info' as const,
            message: notice.message,
            remedy: null
          })),
          ...(ended && !saved
            ? [
                {
                  level: 'warning' as const,
                  message: trans.__('This comparison is not kept.'),
                  remedy: null
                }
              ]
            : [])
        ]}
      />
    </>
  );
}

function RowPager(props: {
  row: number;
  total: number;
  go: (row: number) => void;
}): JSX.Element {
  const { row, total, go } = props;
  const { trans } = useStudio();
  return (
    <div className="jp-FtStudio-pager">
      <IconButton
        icon={caretLeftIcon}
        label={trans.__('Previous answers')}
        why={row === 0 ? trans.__('These are the first answers') : null}
        onClick={() => go(row - 1)}
      />
      <span>{trans.__('%1 of %2', row + 1, total)}</span>
      <IconButton
        icon={caretRightIcon}
        label={trans.__('Next answers')}
        why={row + 1 >= total ? trans.__('These are the last answers') : null}
        onClick={() => go(row + 1)}
      />
    </div>
  );
}

/** What can be marked: differences from an expected answer only where there is one. */
function possible(against: Against, sheet: Sheet, row: number): Against {
  if (against !== 'expected') {
    return against === 'nothing' || against < sheet.columns.length
      ? against
      : 'nothing';
  }
  if (sheet.comparison.questions[row].expected) {
    return against;
  }
  return sheet.columns.length > 1 ? 0 : 'nothing';
}

function AgainstPicker(
  props: Props & {
    row: number;
    value: Against;
    onChange: (value: Against) => void;
  }
): JSX.Element {
  const { model, sheet, row, value, onChange } = props;
  const { trans } = useStudio();
  const expected = Boolean(sheet.comparison.questions[row].expected);
  const choices: Choice[] = [
    { value: 'nothing', label: trans.__('nothing') },
    ...(expected
      ? [{ value: 'expected', label: trans.__('the expected answer') }]
      : []),
    ...model.answers.order.map((place, index) => ({
      value: String(place),
      label: columnTitle(model, sheet, place, index, trans)
    }))
  ];
  return (
    <SelectField
      className="jp-FtStudio-compare-against"
      label={trans.__('Mark differences from')}
      value={String(value)}
      choices={choices}
      onChange={text =>
        onChange(
          text === 'nothing' || text === 'expected' ? text : Number(text)
        )
      }
    />
  );
}

/** The vote for none, and the way out of blind mode. */
function Verdict(props: Props & { row: number }): JSX.Element | null {
  const { model, sheet, row } = props;
  const { trans } = useStudio();
  const { answers } = model;
  if (sheet.columns.length < 2) {
    return null;
  }
  const vote = answers.voteFor(row);
  const tie = vote !== undefined && vote.column === null;
  return (
    <div className="jp-FtStudio-compare-verdict">
      <Button
        kind={tie ? 'primary' : 'normal'}
        label={tie ? trans.__('✓ None is better') : trans.__('None is better')}
        why={noVote(model, sheet, row, trans)}
        onClick={() => void answers.vote(row, null)}
      />
      {!answers.revealed && (
        <Button
          label={trans.__('Show names')}
          title={trans.__('Ends blind mode for these answers')}
          onClick={() => answers.reveal()}
        />
      )}
    </div>
  );
}
