import type { TranslationBundle } from '@jupyterlab/translation';

import type { BaseModelRecord, Dataset, Prompt, Status } from '../api';
import { formatNumber } from '../format';
import type { TrainForm } from './form';
import type { Counts, Steps } from './plan';
import { countRows, countSteps } from './plan';

/** Something to know before the start; `block` stands in its way. */
export type Check = {
  level: 'block' | 'warn' | 'info';
  message: string;
  remedy?: string;
};

/** What a form would lead to, as far as can be said without the server. */
export type Outlook = {
  dataset?: Dataset;
  model?: BaseModelRecord;
  prompt?: Prompt;
  counts: Counts | null;
  steps: Steps | null;
  checks: Check[];
};

export type OutlookInput = {
  form: TrainForm;
  dataset?: Dataset;
  model?: BaseModelRecord;
  prompt?: Prompt;
  status: Status | null;
  trans: TranslationBundle;
};

export function outlookOf(input: OutlookInput): Outlook {
  const { form, dataset, model, prompt, status } = input;
  const counts = dataset?.splits.length
    ? countRows(dataset.splits, {
        split: form.text('data.split'),
        fraction: form.number('data.fraction') ?? 1,
        validationFraction: form.number('data.validation_fraction') ?? 0,
        testFraction: form.number('data.test_fraction') ?? 0
      })
    : null;
  const hasGpu = status?.devices.some(device => device.kind === 'cuda');
  const steps = counts
    ? countSteps({
        rows: counts.train,
        effectiveBatch: form.number('effective_batch_size') ?? 0,
        perDevice: form.number('per_device_batch_size'),
        epochs: form.number('epochs') ?? 0,
        maxSteps: form.number('max_steps'),
        device: hasGpu ? 'cuda' : 'cpu'
      })
    : null;
  const checks = [
    ...serverChecks(input),
    ...dataChecks(input, counts),
    ...sizeChecks(input)
  ];
  return { dataset, model, prompt, counts, steps, checks };
}

function serverChecks({ status, trans }: OutlookInput): Check[] {
  const checks: Check[] = [];
  if (status?.read_only) {
    checks.push({
      level: 'block',
      message: trans.__('The workspace cannot be written to.'),
      remedy: status.read_only_reason ?? undefined
    });
  }
  const interpreter = status?.interpreter;
  if (interpreter && !interpreter.ok) {
    checks.push({
      level: 'block',
      message:
        interpreter.error?.message ??
        trans.__('Python at %1 cannot train models.', interpreter.python),
      remedy: interpreter.error?.remedy ?? undefined
    });
  }
  const ahead = (status?.running_jobs ?? 0) + (status?.queued_jobs ?? 0);
  if (ahead > 0) {
    checks.push({
      level: 'info',
      message: trans._n(
        'Waits for one other run to end.',
        'Waits for %1 other runs to end.',
        ahead
      )
    });
  }
  return checks;
}

function dataChecks(input: OutlookInput, counts: Counts | null): Check[] {
  const { dataset, form, trans } = input;
  const checks: Check[] = [];
  if (dataset?.state === 'importing') {
    checks.push({
      level: 'block',
      message: trans.__('The dataset is still being imported.')
    });
  }
  if (dataset?.state === 'failed') {
    checks.push({
      level: 'block',
      message: trans.__('The import of this dataset failed.'),
      remedy: dataset.error ?? undefined
    });
  }
  if (!counts) {
    return checks;
  }
  if (counts.train < 1) {
    checks.push({
      level: 'block',
      message: trans.__('No rows are left to train on.'),
      remedy: trans.__('Use a larger dataset, or set less aside for testing.')
    });
  } else if (counts.train < 50) {
    checks.push({
      level: 'warn',
      message: trans._n(
        'One row is very little to learn from.',
        '%1 rows are very little to learn from.',
        counts.train
      )
    });
  }
  if (form.text('evaluation.strategy') !== 'off' && !counts.validation) {
    checks.push({
      level: 'warn',
      message: trans.__(
        'There are no validation rows, so nothing is evaluated.'
      ),
      remedy: trans.__('Set a validation fraction under Advanced, Data.')
    });
  }
  return checks;
}

function sizeChecks({ form, model, trans }: OutlookInput): Check[] {
  const checks: Check[] = [];
  const asked = form.number('max_length');
  const context = model?.facts.context_length;
  if (asked && context && asked > context) {
    checks.push({
      level: 'block',
      message: trans.__(
        'The base model reads at most %1 tokens.',
        formatNumber(context)
      ),
      remedy: trans.__(
        'Set the max sequence length to %1 or less.',
        formatNumber(context)
      )
    });
  }
  const batch = form.number('effective_batch_size');
  const perDevice = form.number('per_device_batch_size');
  if (batch && perDevice && batch % perDevice) {
    checks.push({
      level: 'block',
      message: trans.__(
        'The batch size per device must divide the effective batch size.'
      )
    });
  }
  if (model?.facts.quantized && form.text('method') === 'qlora') {
    checks.push({
      level: 'warn',
      message: trans.__(
        'This base model is quantized already (%1).',
        model.facts.quantized
      )
    });
  }
  return checks;
}

/** One sentence of what will happen; null while it cannot be said. */
export function sentenceOf(
  outlook: Outlook,
  form: TrainForm,
  trans: TranslationBundle
): string | null {
  const { dataset, model, counts, steps } = outlook;
  if (!dataset || !model || !counts || !steps) {
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
    formatNumber(counts.train),
    dataset.name,
    formatNumber(steps.total)
  );
}

/** Why the run cannot start, in words for the button; null when it can. */
export function whyNot(
  outlook: Outlook,
  form: TrainForm,
  trans: TranslationBundle
): string | null {
  const missing = form.missing().map(field => field.title);
  const splits = outlook.dataset?.splits.length ?? 0;
  if (splits > 1 && !outlook.counts) {
    missing.push(trans.__('Split to train on'));
  }
  if (missing.length) {
    return trans.__('Still missing: %1.', missing.join(', '));
  }
  const invalid = form.invalid().map(field => field.title);
  if (invalid.length) {
    return trans.__('To be corrected: %1.', invalid.join(', '));
  }
  return outlook.checks.find(check => check.level === 'block')?.message ?? null;
}
