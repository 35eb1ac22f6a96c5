import type {
  AnswerKey,
  AnswerMetrics,
  CompareLine,
  CompareNotice,
  Comparison,
  ComparisonColumn,
  ErrorInfo,
  GenerationSettings
} from '../api';

/** How far an answer is. */
export type AnswerState = 'waiting' | 'writing' | 'done' | 'failed';

/** An answer as it is seen; replaced, never changed, so that only what moved renders again. */
export type LiveAnswer = {
  readonly state: AnswerState;
  readonly text: string;
  readonly tokens: number;
  readonly seconds: number;
  readonly metrics: AnswerMetrics | null;
  readonly error: ErrorInfo | null;
};

/** A column on the screen: one of the comparison's columns with one of its settings. */
export type SheetColumn = ComparisonColumn & {
  /** Places in the comparison's `columns` and `generation`. */
  column: number;
  setting: number;
  settings: GenerationSettings;
};

const WAITING: LiveAnswer = {
  state: 'waiting',
  text: '',
  tokens: 0,
  seconds: 0,
  metrics: null,
  error: null
};

/** Notices about the model's way into memory; they pass, the others stay. */
const PASSING = new Set(['loading', 'waiting']);

/**
 * The answers of one comparison: those that are kept, or those that stream in.
 */
export class Sheet {
  constructor(public comparison: Comparison) {
    this.columns = comparison.columns.flatMap((made, column) =>
      comparison.generation.map((common, setting) => ({
        ...made,
        column,
        setting,
        settings: made.generation ?? common
      }))
    );
    comparison.answers.forEach(({ answer, text, metrics, error }) =>
      this.put(answer, {
        state: error ? 'failed' : 'done',
        text,
        tokens: metrics.tokens,
        seconds: metrics.seconds,
        metrics,
        error
      })
    );
  }

  readonly columns: SheetColumn[];
  /** What happens to the models now, while nobody writes. */
  status: CompareNotice | null = null;
  /** What else there is to know. */
  notices: CompareNotice[] = [];
  /** Why all of it ended early. */
  error: ErrorInfo | null = null;
  /** No more lines will come. */
  ended = false;
  saved = true;

  /** The answer in a column (a place in `columns`) to a question (its place). */
  answer(place: number, row: number): LiveAnswer {
    const { column, setting } = this.columns[place];
    return this.answers.get(keyOf({ column, row, setting })) ?? WAITING;
  }

  get answered(): number {
    return [...this.answers.values()].filter(isOver).length;
  }

  /** Answers that could not be written, and why the first of them could not. */
  get failures(): { count: number; error: ErrorInfo | null } {
    const failed = [...this.answers.values()].filter(({ error }) => error);
    return { count: failed.length, error: failed[0]?.error ?? null };
  }

  get expectedAnswers(): number {
    return this.columns.length * this.comparison.questions.length;
  }

  /** Take a line of the stream. */
  take(line: CompareLine): void {
    switch (line.event) {
      case 'started':
        this.write(line.answer, { state: 'writing' });
        break;
      case 'token': {
        const { tokens, seconds } = line;
        const text = this.at(line.answer).text + line.text;
        this.write(line.answer, { state: 'writing', text, tokens, seconds });
        break;
      }
      case 'done': {
        const { text, metrics } = line;
        const { tokens, seconds } = metrics;
        this.put(line.answer, {
          ...{ state: 'done', text, tokens, seconds, metrics },
          error: null
        });
        break;
      }
      case 'notice':
        this.notice(line);
        break;
      case 'error':
        this.fail(line.error, line.answer);
        break;
      case 'end':
        this.end(line.saved);
        break;
    }
  }

  /** Nothing more will come; what has not begun never will. */
  end(saved: boolean): void {
    this.ended = true;
    this.saved = saved;
    this.status = null;
  }

  private notice(line: CompareNotice): void {
    if (PASSING.has(line.code)) {
      this.status = line;
    } else if (line.code === 'loaded') {
      this.status = null;
    } else {
      this.notices = [...this.notices, line];
    }
  }

  private fail(error: ErrorInfo, answer: AnswerKey | null): void {
    if (answer) {
      this.put(answer, { ...this.at(answer), state: 'failed', error });
    } else {
      this.error = error;
    }
  }

  private write(key: AnswerKey, changes: Partial<LiveAnswer>): void {
    this.status = null;
    this.put(key, { ...this.at(key), ...changes });
  }

  private at(key: AnswerKey): LiveAnswer {
    return this.answers.get(keyOf(key)) ?? WAITING;
  }

  private put(key: AnswerKey, answer: LiveAnswer): void {
    this.answers.set(keyOf(key), answer);
  }

  private answers = new Map<string, LiveAnswer>();
}

/** Whether an answer will not change any more. */
export function isOver({ state }: LiveAnswer): boolean {
  return state === 'done' || state === 'failed';
}

function keyOf({ column, row, setting }: AnswerKey): string {
  return `${column}/${row}/${setting}`;
}
