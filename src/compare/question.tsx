import { caretLeftIcon, caretRightIcon } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import {
  Button,
  ErrorBox,
  IconButton,
  NumberField,
  SelectField,
  TextAreaField,
  TextField
} from '../components';
import { formatNumber } from '../format';
import { randomIcon } from '../icons';
import { useStudio } from '../shell/context';
import { rowsOf } from './draft';
import type { CompareModel } from './model';

type Props = { model: CompareModel };

/** The way to a row of the dataset as the question. */
export function ExampleTools({ model }: Props): JSX.Element {
  const { trans } = useStudio();
  return (
    <>
      <Button
        icon={randomIcon}
        label={trans.__('Generate prompt example')}
        title={trans.__('A random row that none of the adapters has seen')}
        why={noRows(model, trans)}
        busy={model.drawing}
        onClick={() => void model.example()}
      />
      <Stepper model={model} />
    </>
  );
}

/** One question: a row of the dataset, or one's own words; and what would be right. */
export function OneQuestion({ model }: Props): JSX.Element {
  const { trans } = useStudio();
  const { question } = model.draft;
  return (
    <>
      <ErrorBox error={model.exampleError} retry={() => void model.example()} />
      <div className="jp-FtStudio-compare-texts">
        {question.messages ? (
          <Turns model={model} />
        ) : (
          <TextAreaField
            label={trans.__('Prompt text')}
            rows={4}
            value={question.text}
            placeholder={trans.__('What the models are given to complete')}
            onChange={text => model.write({ text })}
          />
        )}
        <TextAreaField
          label={trans.__('Expected answer')}
          rows={4}
          value={question.expected}
          placeholder={trans.__('Optional: answers are compared with it')}
          onChange={expected => model.write({ expected })}
        />
      </div>
    </>
  );
}

/** The turns of a chat, each in a box of its own. */
function Turns({ model }: Props): JSX.Element {
  const { trans } = useStudio();
  const messages = model.draft.question.messages ?? [];
  const roles = {
    system: trans.__('System message'),
    user: trans.__('User message'),
    assistant: trans.__('Assistant message')
  };
  return (
    <div className="jp-FtStudio-compare-turns">
      {messages.map((message, place) => (
        <TextAreaField
          key={place}
          label={roles[message.role]}
          rows={message.role === 'user' ? 4 : 2}
          value={message.content}
          onChange={content =>
            model.write({
              messages: messages.map((old, index) =>
                index === place ? { ...old, content } : old
              )
            })
          }
        />
      ))}
    </div>
  );
}

function noRows(
  { draft }: CompareModel,
  trans: TranslationBundle
): string | null {
  if (!draft.dataset) {
    return trans.__('Choose a dataset first');
  }
  return draft.prompt ? null : trans.__('Choose a prompt first');
}

/** Which row it is, its neighbours, and the way to any other. */
function Stepper({ model }: Props): JSX.Element | null {
  const { trans } = useStudio();
  const { draft, choices } = model;
  const { split, row, note, edited } = draft.question;
  const dataset = choices.dataset(draft.dataset);
  const total = dataset?.splits.find(item => item.name === split)?.rows ?? 0;
  if (row === null || !total) {
    return null;
  }
  const go = (to: number) => void model.example({ split, row: to });
  return (
    <>
      <div className="jp-FtStudio-pager">
        <IconButton
          icon={caretLeftIcon}
          label={trans.__('Previous row')}
          why={row === 0 ? trans.__('This is the first row') : null}
          onClick={() => go(row - 1)}
        />
        <span aria-live="polite">
          {trans.__(
            '%1 · row %2 of %3',
            split,
            formatNumber(row + 1),
            formatNumber(total)
          )}
        </span>
        <IconButton
          icon={caretRightIcon}
          label={trans.__('Next row')}
          why={row + 1 >= total ? trans.__('This is the last row') : null}
          onClick={() => go(row + 1)}
        />
      </div>
      <GoTo total={total} go={go} />
      <span className="jp-FtStudio-muted">
        {edited ? trans.__('edited') : note}
      </span>
    </>
  );
}

function GoTo(props: {
  total: number;
  go: (row: number) => void;
}): JSX.Element {
  const { trans } = useStudio();
  const { total, go } = props;
  const [text, setText] = React.useState('');
  const row = Number(text);
  const wrong =
    text !== '' && !(Number.isInteger(row) && row >= 1 && row <= total);
  return (
    <form
      className="jp-FtStudio-compare-goto"
      onSubmit={event => {
        event.preventDefault();
        if (text && !wrong) {
          go(row - 1);
          setText('');
        }
      }}
    >
      <TextField
        label={trans.__('Go to row')}
        value={text}
        error={
          wrong ? trans.__('A number from 1 to %1', formatNumber(total)) : null
        }
        onChange={setText}
      />
    </form>
  );
}

/** Several rows: chosen ones, or a number of random ones. */
export function ManyQuestions({ model }: Props): JSX.Element {
  const { trans } = useStudio();
  const { draft, choices } = model;
  const splits = choices.dataset(draft.dataset)?.splits ?? [];
  const chosen = rowsOf(draft.rows);
  return (
    <div className="jp-FtStudio-compare-many">
      <SelectField
        label={trans.__('Rows from')}
        value={draft.split}
        choices={[
          { value: '', label: trans.__('Rows set aside when training') },
          ...splits.map(({ name, rows }) => ({
            value: name,
            label: trans.__('%1 (%2 rows)', name, formatNumber(rows))
          }))
        ]}
        onChange={split => model.edit({ split })}
      />
      <NumberField
        label={trans.__('Random rows')}
        value={draft.count}
        disabled={Boolean(chosen?.length)}
        onChange={count => {
          if (count !== null) {
            model.edit({ count: Math.round(count) });
          }
        }}
      />
      <TextField
        label={trans.__('Or these rows')}
        value={draft.rows}
        placeholder={trans.__('for example 3, 8-12')}
        error={chosen ? null : trans.__('Numbers and ranges, such as 3, 8-12')}
        onChange={rows => model.edit({ rows })}
      />
    </div>
  );
}

/** Draws other rows. */
export function RowsTools({ model }: Props): JSX.Element {
  const { trans } = useStudio();
  const chosen = rowsOf(model.draft.rows)?.length;
  return (
    <Button
      icon={randomIcon}
      label={trans.__('Other random rows')}
      why={chosen ? trans.__('The rows are chosen by number') : null}
      onClick={() => {
        const seed = 1 + Math.floor(Math.random() * 1e6);
        model.edit({ seed });
      }}
    />
  );
}

/** Why nothing can be asked yet; null when all is there. */
export function unaskable(
  { draft }: CompareModel,
  trans: TranslationBundle
): string | null {
  if (!draft.columns.length) {
    return trans.__('Add a model or adapter first');
  }
  if (draft.mode === 'one') {
    const { text, messages } = draft.question;
    return text || messages ? null : trans.__('Write a prompt, or take a row');
  }
  if (!draft.dataset || !draft.prompt) {
    return trans.__('Choose a dataset and a prompt');
  }
  return rowsOf(draft.rows) ? null : trans.__('Correct the row numbers');
}
