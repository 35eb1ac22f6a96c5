import type {
  Adapter,
  AnswerKey,
  AnswerMetrics,
  CompareLine,
  Comparison,
  ComparisonColumn
} from '../../api';

const [BASE, ADAPTER] = ['tiny', 'shout'];

export function column(changes: Partial<ComparisonColumn>): ComparisonColumn {
  return {
    label: BASE,
    base_model_id: 'm1',
    base_model_name: 'tiny',
    adapter_id: null,
    adapter_name: null,
    checkpoint: null,
    prompt_id: null,
    generation: null,
    ...changes
  };
}

/** A base model and an adapter, asked one question. */
export function comparison(changes: Partial<Comparison> = {}): Comparison {
  return {
    id: 'c1',
    name: 'tiny and shout',
    revision: 1,
    named: false,
    created_at: '2026-01-01T00:00:00Z',
    updated_at: '2026-01-01T00:00:00Z',
    state: 'running',
    error: null,
    columns: [
      column({}),
      column({ label: ADAPTER, adapter_id: 'a1', adapter_name: 'shout' })
    ],
    generation: [{ temperature: 0, max_new_tokens: 8 }],
    precision: '4-bit',
    exact: false,
    dataset_id: 'd1',
    dataset_name: 'animals',
    prompt_id: 'p1',
    prompt_name: 'ask',
    rows: 1,
    votes: [],
    seconds: null,
    mlflow: null,
    questions: [
      {
        split: 'train',
        row: 4,
        prompt: 'What does the cat say?',
        prompts: null,
        messages: null,
        expected: 'meow',
        values: {}
      }
    ],
    answers: [],
    ...changes
  };
}

export function metrics(changes: Partial<AnswerMetrics> = {}): AnswerMetrics {
  return {
    prompt_tokens: 7,
    tokens: 2,
    first_token_s: 0.2,
    seconds: 0.5,
    tokens_per_s: 10,
    stop_reason: 'end',
    mixed: true,
    exact: false,
    normalized: false,
    similarity: 0.5,
    expected_probability: null,
    task: null,
    diff: null,
    ...changes
  };
}

export const key = (place: number, row = 0): AnswerKey => ({
  column: place,
  row,
  setting: 0
});

/** The lines of a whole comparison of one question. */
export function lines(made = comparison()): CompareLine[] {
  return [
    { event: 'comparison', id: made.id, comparison: made },
    {
      event: 'notice',
      code: 'loading',
      message: 'Loading tiny in 4 bits.',
      columns: null
    },
    { event: 'started', answer: key(0) },
    { event: 'started', answer: key(1) },
    { event: 'token', answer: key(0), text: 'wo', tokens: 1, seconds: 0.1 },
    { event: 'token', answer: key(1), text: 'me', tokens: 1, seconds: 0.1 },
    { event: 'token', answer: key(1), text: 'ow', tokens: 2, seconds: 0.2 },
    { event: 'done', answer: key(0), text: 'woof', metrics: metrics() },
    {
      event: 'done',
      answer: key(1),
      text: 'meow',
      metrics: metrics({ exact: true, normalized: true })
    },
    { event: 'end', state: 'done', seconds: 1, saved: true }
  ];
}

export function adapter(changes: Partial<Adapter>): Adapter {
  return {
    id: 'a1',
    name: 'shout',
    base_model_id: 'm1',
    dataset_id: 'd1',
    prompt_id: 'p1',
    ...changes
  } as Adapter;
}
