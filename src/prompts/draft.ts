import type { Message, Prompt, PromptTemplates, Suggestion } from '../api';

/** What turns a row into a prompt and its completion, with nothing left to guess. */
export type PromptContent = Required<PromptTemplates>;

/** A prompt while it is written. Both modes are kept, so that going back and forth loses nothing. */
export type PromptDraft = PromptContent & { name: string; dataset: string };

export const EMPTY: PromptDraft = {
  name: '',
  dataset: '',
  mode: 'text',
  prompt_template: '',
  completion_template: '',
  messages: [],
  chat_template: null,
  examples: [],
  task: 'auto'
};

/** Errors at these stand where the prompt is written. */
export const TEMPLATE_FIELDS =
  /^(prompt_template|completion_template|messages|chat_template|examples|task)\b/;

/** The fields of the mode that is chosen; those of the other one are not sent. */
export function contentOf(draft: PromptContent): Partial<PromptContent> {
  const { mode, examples, task } = draft;
  if (mode === 'chat') {
    const { messages, chat_template } = draft;
    return { mode, messages, chat_template, examples, task };
  }
  const { prompt_template, completion_template } = draft;
  return { mode, prompt_template, completion_template, examples, task };
}

/** What a stored prompt says, as a draft. */
export function draftOf(prompt: Prompt): PromptDraft {
  const content = Object.fromEntries(
    Object.keys(EMPTY)
      .filter(key => key in prompt)
      .map(key => [key, prompt[key as keyof Prompt]])
  );
  return {
    ...EMPTY,
    ...(content as Partial<PromptDraft>),
    dataset: prompt.dataset_id
  };
}

/** All templates of the chosen mode, in their order. */
export function templatesOf(draft: PromptContent): string[] {
  return draft.mode === 'chat'
    ? draft.messages.map(message => message.content)
    : [draft.prompt_template, draft.completion_template];
}

/** Whether there is something to render: a question, and an answer to learn. */
export function isWhole(draft: PromptContent): boolean {
  const last = draft.messages[draft.messages.length - 1];
  return draft.mode === 'chat'
    ? draft.messages.length > 1 && last.role === 'assistant'
    : Boolean(draft.prompt_template && draft.completion_template);
}

/** Whether somebody has written anything yet, in the chosen mode. */
export function isBlank(draft: PromptContent): boolean {
  return templatesOf(draft).every(template => !template);
}

/** The other mode, begun with what was written in this one. */
export function inMode(
  draft: PromptDraft,
  mode: PromptDraft['mode']
): PromptDraft {
  const next = { ...draft, mode };
  if (isBlank(draft) || !isBlank(next)) {
    return mode === 'chat' && !next.messages.length
      ? { ...next, messages: chatOf('', '') }
      : next;
  }
  if (mode === 'chat') {
    const { prompt_template, completion_template } = draft;
    return { ...next, messages: chatOf(prompt_template, completion_template) };
  }
  return { ...next, ...textOf(draft.messages) };
}

/** A last line such as "### SQL" or "Answer:", which in a chat the turn itself says. */
const LEADS_TO_ANSWER = /\n+(#+ [^\n]*|[^\n{}]*:)\s*$/;

/** A question and its answer, as people write it in a chat. */
export function chatOf(question: string, answer: string): Message[] {
  return [
    { role: 'user', content: question.replace(LEADS_TO_ANSWER, '').trim() },
    { role: 'assistant', content: answer.trim() }
  ];
}

function textOf(messages: Message[]): Partial<PromptDraft> {
  const before = messages.slice(0, -1).map(message => message.content);
  return {
    prompt_template: `${before.join('\n\n')}\n`,
    completion_template: messages[messages.length - 1]?.content ?? ''
  };
}

/** What the server proposes: in its own mode while nothing is written, else in the draft's. */
export function suggested(
  draft: PromptDraft,
  found: Suggestion
): Partial<PromptDraft> {
  const { prompt_template, completion_template, task } = found;
  const mode = isBlank(draft) ? found.mode : draft.mode;
  if (mode === 'text') {
    return { mode, prompt_template, completion_template, task };
  }
  const messages = found.messages.length
    ? found.messages
    : chatOf(prompt_template, completion_template);
  return { mode, messages, task };
}

/** The draft with the field at `path` (such as `messages.0.content`) changed; null when it has none. */
export function withField(
  draft: PromptDraft,
  path: string,
  value: unknown
): PromptDraft | null {
  const [key, ...rest] = path.split('.');
  if (!(key in draft)) {
    return null;
  }
  const copy = structuredCopy(draft) as unknown as Record<string, unknown>;
  let node = copy;
  let name = key;
  for (const step of rest) {
    const inner = node[name];
    if (typeof inner !== 'object' || inner === null || !(step in inner)) {
      return null;
    }
    node = inner as Record<string, unknown>;
    name = step;
  }
  node[name] = value;
  return copy as unknown as PromptDraft;
}

function structuredCopy<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
