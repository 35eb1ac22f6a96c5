import {
  addIcon,
  caretDownIcon,
  caretUpIcon,
  deleteIcon
} from '@jupyterlab/ui-components';
import * as React from 'react';

import type { ApiError, Message } from '../api';
import { Button, fieldError, IconButton, SelectField } from '../components';
import { useStudio } from '../shell/context';
import type { PromptDraft } from './draft';
import type { PromptModel } from './model';
import { TemplateField } from './templatefield';

type Role = Message['role'];

/** The turns of a conversation; what the assistant says last is learned. */
export function Messages(props: {
  model: PromptModel;
  onCaret: (node: HTMLTextAreaElement) => void;
}): JSX.Element {
  const { trans } = useStudio();
  const { model, onCaret } = props;
  const { draft, error, preview } = model;
  const { messages } = draft;
  const failed = error ?? preview.error;
  const set = (next: Message[]) => model.edit({ messages: next });
  return (
    <>
      <ol className="jp-FtStudio-messages" aria-label={trans.__('Messages')}>
        {messages.map((message, index) => (
          <Turn
            key={index}
            message={message}
            index={index}
            count={messages.length}
            columns={model.columns}
            error={errorOf(failed, index)}
            onChange={changed =>
              set(messages.map((old, at) => (at === index ? changed : old)))
            }
            onMove={by => set(moved(messages, index, by))}
            onRemove={() => set(messages.filter((_, at) => at !== index))}
            onCaret={onCaret}
          />
        ))}
      </ol>
      {fieldError(failed, 'messages') && (
        <div className="jp-FtStudio-error" role="alert">
          {fieldError(failed, 'messages')}
        </div>
      )}
      <div>
        <Button
          icon={addIcon}
          label={trans.__('Add a message')}
          onClick={() =>
            set([...messages, { role: nextRole(messages), content: '' }])
          }
        />
      </div>
      <ChatTemplate model={model} />
    </>
  );
}

function Turn(props: {
  message: Message;
  index: number;
  count: number;
  columns: string[];
  error: string | null;
  onChange: (message: Message) => void;
  onMove: (by: number) => void;
  onRemove: () => void;
  onCaret: (node: HTMLTextAreaElement) => void;
}): JSX.Element {
  const { trans } = useStudio();
  const { message, index, count } = props;
  const number = String(index + 1);
  const isLast = index === count - 1;
  const learned = isLast && message.role === 'assistant';
  return (
    <li className="jp-FtStudio-message" data-learned={learned}>
      <div className="jp-FtStudio-messageBar">
        <SelectField
          label={trans.__('Role of message %1', number)}
          value={message.role}
          choices={roles(trans)}
          onChange={role => props.onChange({ ...message, role: role as Role })}
        />
        {learned && (
          <span className="jp-FtStudio-learned">
            {trans.__('This is what the model learns')}
          </span>
        )}
        <IconButton
          icon={caretUpIcon}
          label={trans.__('Move message %1 up', number)}
          why={index ? null : trans.__('This is the first message')}
          onClick={() => props.onMove(-1)}
        />
        <IconButton
          icon={caretDownIcon}
          label={trans.__('Move message %1 down', number)}
          why={isLast ? trans.__('This is the last message') : null}
          onClick={() => props.onMove(1)}
        />
        <IconButton
          icon={deleteIcon}
          label={trans.__('Remove message %1', number)}
          why={count > 1 ? null : trans.__('A conversation has messages')}
          onClick={props.onRemove}
        />
      </div>
      <TemplateField
        label={trans.__('Message %1', number)}
        value={message.content}
        columns={props.columns}
        rows={learned ? 2 : 3}
        error={props.error}
        onChange={content => props.onChange({ ...message, content })}
        onCaret={props.onCaret}
      />
    </li>
  );
}

/** How the messages become one text. */
function ChatTemplate({ model }: { model: PromptModel }): JSX.Element {
  const { trans } = useStudio();
  const { draft, error, preview } = model;
  const failed = error ?? preview.error ?? preview.tokensError;
  return (
    <SelectField
      label={trans.__('Chat template')}
      value={draft.chat_template ?? ''}
      help={trans.__(
        'How the turns are marked in the text. A base model without a chat template of its own needs one of the others.'
      )}
      error={fieldError(failed, 'chat_template')}
      choices={[
        { value: '', label: trans.__('The base model’s own') },
        { value: 'chatml', label: trans.__('ChatML') },
        { value: 'headings', label: trans.__('Headings (### User)') }
      ]}
      onChange={name =>
        model.edit({
          chat_template: (name || null) as PromptDraft['chat_template']
        })
      }
    />
  );
}

function roles(trans: ReturnType<typeof useStudio>['trans']) {
  return [
    { value: 'system', label: trans.__('System') },
    { value: 'user', label: trans.__('User') },
    { value: 'assistant', label: trans.__('Assistant') }
  ];
}

/** What the server said about one message: `messages.2` or `messages.2.content`. */
function errorOf(error: ApiError | null, index: number): string | null {
  const own = [`messages.${index}`, `messages.${index}.content`];
  return fieldError(error, ...own, `messages.${index}.role`);
}

/** After a question comes an answer. */
function nextRole(messages: readonly Message[]): Role {
  return messages[messages.length - 1]?.role === 'user' ? 'assistant' : 'user';
}

/** The messages with one of them a place further up or down. */
export function moved(
  messages: readonly Message[],
  index: number,
  by: number
): Message[] {
  const next = [...messages];
  const [message] = next.splice(index, 1);
  next.splice(index + by, 0, message);
  return next;
}
