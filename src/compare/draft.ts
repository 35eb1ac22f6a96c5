import type {
  AskedQuestion,
  ChatMessage,
  CompareExample,
  CompareRequest,
  Comparison,
  GenerationSettings,
  Question
} from '../api';

export type Precision = NonNullable<CompareRequest['precision']>;

/** Who answers; an empty adapter means the base model alone. */
export type DraftColumn = {
  base: string;
  adapter: string;
  /** Settings of this column's own. */
  generation: GenerationSettings | null;
};

/** The question as it stands in the form. */
export type DraftQuestion = {
  text: string;
  /** Instead of the text, where the prompt is a chat. */
  messages: ChatMessage[] | null;
  expected: string;
  values: Record<string, unknown>;
  /** Where it comes from; null for a question of one's own. */
  split: string | null;
  row: number | null;
  note: string;
  unseen: boolean;
  /** Changed by hand since it was rendered. */
  edited: boolean;
};

/** All that a compare tab asks. Ids stand for objects; empty ones are not chosen. */
export type Draft = {
  columns: DraftColumn[];
  dataset: string;
  prompt: string;
  mode: 'one' | 'rows';
  question: DraftQuestion;
  /** Split of the grid; empty for the rows that training set aside. */
  split: string;
  /** "3, 8-12", counted from 1; empty for `count` random ones. */
  rows: string;
  count: number;
  seed: number;
  generation: GenerationSettings;
  precision: Precision;
  exact: boolean;
  blind: boolean;
};

export const NO_QUESTION: DraftQuestion = {
  text: '',
  messages: null,
  expected: '',
  values: {},
  split: null,
  row: null,
  note: '',
  unseen: false,
  edited: false
};

/** As the built-in preset "Greedy", with room for a short answer. */
const GENERATION: GenerationSettings = {
  max_new_tokens: 128,
  temperature: 0,
  top_p: 1,
  top_k: 0,
  repetition_penalty: 1,
  seed: 42
};

export const EMPTY: Draft = {
  columns: [],
  dataset: '',
  prompt: '',
  mode: 'one',
  question: NO_QUESTION,
  split: '',
  rows: '',
  count: 5,
  seed: 1,
  generation: GENERATION,
  precision: 'auto',
  exact: false,
  blind: false
};

/** A rendered row as the question. */
export function asked(example: CompareExample): DraftQuestion {
  const { prompt, messages, expected, values, split, row, note, unseen } =
    example;
  return {
    ...{ text: prompt, messages, expected, values },
    ...{ split, row, note, unseen, edited: false }
  };
}

/** Row numbers of a text such as "3, 8-12" (counted from 1), as places; null when it is none. */
export function rowsOf(text: string): number[] | null {
  const found = new Set<number>();
  for (const part of text.split(/[\s,;]+/).filter(Boolean)) {
    const match = /^(\d+)(?:[-–](\d+))?$/.exec(part);
    const first = Number(match?.[1]);
    const last = Number(match?.[2] ?? match?.[1]);
    if (!match || first < 1 || last < first || last - first > 10_000) {
      return null;
    }
    for (let row = first; row <= last; row++) {
      found.add(row - 1);
    }
  }
  return [...found];
}

/** What `POST comparisons` is asked. */
export function toRequest(draft: Draft): CompareRequest {
  const { generation, precision, exact } = draft;
  return {
    columns: draft.columns.map(({ base, adapter, generation: own }) => ({
      base_model: base,
      adapter: adapter || null,
      generation: own
    })),
    ...(draft.mode === 'one'
      ? { question: toQuestion(draft) }
      : { rows: toRows(draft) }),
    ...{ generation: [generation], precision, exact }
  };
}

function toQuestion({ question, dataset, prompt }: Draft): Question {
  const { text, messages, expected, values, split, row } = question;
  const origin =
    row === null ? {} : { dataset, prompt: prompt || null, split, row };
  return {
    ...(messages ? { messages } : { text }),
    expected: expected || null,
    values,
    ...origin
  };
}

function toRows({
  dataset,
  prompt,
  split,
  rows,
  count,
  seed
}: Draft): CompareRequest['rows'] {
  const chosen = rowsOf(rows);
  return {
    dataset,
    prompt: prompt || null,
    split: split || null,
    ...(chosen?.length ? { rows: chosen } : { count, seed })
  };
}

/** Whether a question in the form is the one that was asked. */
export function isAsked(
  question: DraftQuestion,
  asked: AskedQuestion
): boolean {
  return question.messages
    ? JSON.stringify(question.messages.map(turn)) ===
        JSON.stringify((asked.messages ?? []).map(turn))
    : question.text === asked.prompt;
}

function turn(message: { role?: unknown; content?: unknown }): unknown[] {
  return [message.role, message.content];
}

/** The form as it was when a kept comparison was asked. */
export function draftOf(comparison: Comparison): Draft {
  const { columns, generation, questions, precision } = comparison;
  const [first] = questions;
  const many = questions.length > 1;
  return {
    ...EMPTY,
    columns: columns.map(column => ({
      base: column.base_model_id,
      adapter: column.adapter_id ?? '',
      generation: column.generation
    })),
    dataset: comparison.dataset_id ?? '',
    prompt: comparison.prompt_id ?? '',
    mode: many ? 'rows' : 'one',
    question: first && !many ? questionOf(comparison) : NO_QUESTION,
    split: (many && first?.split) || '',
    rows: many ? questions.map(asked => (asked.row ?? 0) + 1).join(', ') : '',
    generation: generation[0] ?? GENERATION,
    precision: precision as Precision,
    exact: comparison.exact
  };
}

function questionOf({ questions }: Comparison): DraftQuestion {
  const { prompt, messages, expected, values, split, row } = questions[0];
  return {
    ...NO_QUESTION,
    text: prompt,
    messages: messages as ChatMessage[] | null,
    expected: expected ?? '',
    ...{ values, split, row }
  };
}

/** More than this is not kept with the layout. */
const MOST_CHARACTERS = 200_000;

export function saveDraft(draft: Draft): string {
  const text = JSON.stringify(draft);
  return text.length < MOST_CHARACTERS
    ? text
    : JSON.stringify({ ...draft, question: NO_QUESTION });
}

/** A kept draft; an empty one where it cannot be read. */
export function loadDraft(text: string | undefined): Draft {
  try {
    return { ...EMPTY, ...(JSON.parse(text ?? '{}') as Partial<Draft>) };
  } catch {
    return EMPTY;
  }
}
