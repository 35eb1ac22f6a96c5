import type { ScorerFile } from '../api';

/** What the form of an evaluation holds. */
export interface IEvaluationDraft {
  name: string;
  base_model: string;
  adapters: string[];
  dataset: string;
  prompt: string;
  /** Empty: the test rows that training set aside. */
  splits: string[];
  rows: number | null;
  /** Numbers of solved examples in front of the base model's questions, as typed. */
  shots: string;
  /** Null: those that fit the data. */
  scorers: string[] | null;
  /** Python files with scorers, as they were when agreed to. */
  scorer_files: ScorerFile[];
  primary_metric: string;
  category_column: string;
  sql_schema_column: string;
  precision: string;
  allow_training_rows: boolean;
  mlflow: boolean;
}

export const EMPTY: IEvaluationDraft = {
  name: '',
  base_model: '',
  adapters: [],
  dataset: '',
  prompt: '',
  splits: [],
  rows: 100,
  shots: '0, 4',
  scorers: null,
  scorer_files: [],
  primary_metric: '',
  category_column: '',
  sql_schema_column: '',
  precision: 'auto',
  allow_training_rows: false,
  mlflow: true
};

/** "0, 4" as numbers; null when it is something else. */
export function shotsOf(text: string): number[] | null {
  const parts = text.split(/[\s,;]+/).filter(Boolean);
  const numbers = [...new Set(parts.map(Number))];
  const good = numbers.every(n => Number.isInteger(n) && n >= 0 && n <= 32);
  return good ? numbers : null;
}

/** The form as the server takes it. */
export function specOf(draft: IEvaluationDraft): Record<string, unknown> {
  return {
    name: draft.name.trim(),
    base_model: draft.base_model,
    adapters: draft.adapters,
    dataset: draft.dataset,
    prompt: draft.prompt,
    splits: draft.splits.length ? draft.splits : null,
    rows: draft.rows,
    base_shots: shotsOf(draft.shots) ?? [],
    scorers: draft.scorers,
    scorer_files: draft.scorer_files,
    primary_metric: draft.primary_metric || null,
    category_column: draft.category_column || null,
    sql: draft.sql_schema_column
      ? { schema_column: draft.sql_schema_column }
      : null,
    precision: draft.precision,
    allow_training_rows: draft.allow_training_rows,
    mlflow: { enabled: draft.mlflow }
  };
}

/** The form filled in as a job was. */
export function draftOf(spec: Record<string, unknown>): IEvaluationDraft {
  const known = Object.fromEntries(
    Object.entries(spec).filter(
      ([key, value]) => key in EMPTY && value !== null && key !== 'name'
    )
  );
  const shots = spec.base_shots as number[] | undefined;
  const sql = spec.sql as { schema_column?: string } | null;
  const mlflow = spec.mlflow as { enabled?: boolean } | undefined;
  return {
    ...EMPTY,
    ...known,
    shots: (shots ?? [0]).join(', '),
    sql_schema_column: sql?.schema_column ?? '',
    mlflow: mlflow?.enabled ?? true
  };
}
