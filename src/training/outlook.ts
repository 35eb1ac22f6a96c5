import type { TranslationBundle } from '@jupyterlab/translation';

import type {
  BaseModelRecord,
  Check,
  Dataset,
  Preflight,
  Status
} from '../api';
import { byWeight } from '../components';
import { formatNumber } from '../format';
import type { TrainForm } from './form';

export type OutlookInput = {
  form: TrainForm;
  preflight: Preflight | null;
  dataset?: Dataset;
  model?: BaseModelRecord;
  status: Status | null;
  trans: TranslationBundle;
};

/** A check of no field, which nothing is to be done about. */
const PLAIN = { field: null, remedy: null, fix: null, rows: [] };

/** What to know before the start: what the server found, and how it stands with the server. */
export function checksOf(input: OutlookInput): Check[] {
  const { form, preflight, status, trans } = input;
  const missing = new Set(form.missing().map(field => field.path));
  const found = (preflight?.checks ?? []).filter(
    check => !check.field || !missing.has(check.field)
  );
  const checks = [...found];
  if (status?.read_only) {
    checks.push({
      ...PLAIN,
      level: 'blocking',
      code: 'read_only',
      message: trans.__('The workspace cannot be written to.'),
      remedy: status.read_only_reason
    });
  }
  const ahead = (status?.running_jobs ?? 0) + (status?.queued_jobs ?? 0);
  if (ahead > 0) {
    checks.push({
      ...PLAIN,
      level: 'info',
      code: 'queue',
      message: trans._n(
        'Waits for one other run to end.',
        'Waits for %1 other runs to end.',
        ahead
      )
    });
  }
  return byWeight(checks);
}

/** One sentence of what will happen; null while it cannot be said. */
export function sentenceOf(input: OutlookInput): string | null {
  const { dataset, model, preflight, form, trans } = input;
  if (!dataset || !model || !preflight?.rows || !preflight.steps) {
    return null;
  }
  const what =
    form.text('method') === 'qlora'
      ? trans.__('a QLoRA adapter (rank %1)', form.text('lora.r'))
      : trans.__('a LoRA adapter (rank %1)', form.text('lora.r'));
  return trans.__(
    'Trains %1 for %2 on %3 rows of %4, in %5 steps.',
    what,
    model.name,
    formatNumber(preflight.rows.train),
    dataset.name,
    formatNumber(preflight.steps.total_steps)
  );
}

/** Why the run cannot start, in words for the button; null when it can. */
export function whyNot(input: OutlookInput): string | null {
  const { form, trans } = input;
  const missing = form.missing().map(field => field.title);
  if (missing.length) {
    return trans.__('Still missing: %1.', missing.join(', '));
  }
  const invalid = form.invalid().map(field => field.title);
  if (invalid.length) {
    return trans.__('To be corrected: %1.', invalid.join(', '));
  }
  const blocking = checksOf(input).find(check => check.level === 'blocking');
  return blocking?.message ?? null;
}
