import type { Split } from '../api';

// Mirrors ftstudio_ext/core/sampling.py and core/steps.py, as far as counting goes.

const VALIDATION = ['validation', 'valid', 'val', 'dev', 'eval', 'evaluation'];
const TEST = ['test', 'testing'];
/** Rows per forward pass when people do not say. */
const LARGEST_BATCH = { cpu: 8, cuda: 4 };

export type DataAsked = {
  split: string;
  fraction: number;
  validationFraction: number;
  testFraction: number;
};

export type Counts = {
  split: string;
  train: number;
  validation: number;
  test: number;
  /** Whether the dataset came with the part itself. */
  ownValidation: string | null;
  ownTest: string | null;
};

/** How many rows each part has; null when it is not clear what to train on. */
export function countRows(splits: Split[], asked: DataAsked): Counts | null {
  const split = trainSplit(splits, asked.split);
  if (!split) {
    return null;
  }
  const others = splits.filter(other => other !== split && other.rows > 0);
  const ownValidation = ownPart(others, VALIDATION);
  const ownTest = ownPart(others, TEST);
  let left = split.rows;
  const test = ownTest ? 0 : cut(left, split.rows, asked.testFraction);
  left -= test;
  const validation = ownValidation
    ? 0
    : cut(left, split.rows, asked.validationFraction);
  left -= validation;
  return {
    split: split.name,
    train: left ? Math.max(1, roundHalfEven(left * asked.fraction)) : 0,
    validation: ownValidation?.rows ?? validation,
    test: ownTest?.rows ?? test,
    ownValidation: ownValidation?.name ?? null,
    ownTest: ownTest?.name ?? null
  };
}

function trainSplit(splits: Split[], wanted: string): Split | undefined {
  if (wanted) {
    return splits.find(split => split.name === wanted);
  }
  const named = splits.find(split => split.name === 'train');
  return named ?? (splits.length === 1 ? splits[0] : undefined);
}

function ownPart(splits: Split[], names: string[]): Split | undefined {
  for (const name of names) {
    const found = splits.find(split => split.name.toLowerCase() === name);
    if (found) {
      return found;
    }
  }
  return undefined;
}

function cut(left: number, total: number, fraction: number): number {
  const wanted = roundHalfEven(total * fraction);
  const count = fraction > 0 ? Math.max(wanted, 1) : wanted;
  return Math.min(count, Math.max(left - 1, 0));
}

/** Python's round. */
function roundHalfEven(value: number): number {
  const low = Math.floor(value);
  const rest = value - low;
  if (rest !== 0.5) {
    return Math.round(value);
  }
  return low % 2 === 0 ? low : low + 1;
}

export type StepsAsked = {
  rows: number;
  effectiveBatch: number;
  perDevice: number | null;
  epochs: number;
  maxSteps: number | null;
  device: 'cpu' | 'cuda';
};

export type Steps = {
  perDevice: number;
  accumulation: number;
  perEpoch: number;
  total: number;
  epochs: number;
};

/** The steps of a run, or null while the numbers do not fit together. */
export function countSteps(asked: StepsAsked): Steps | null {
  const { rows, effectiveBatch, epochs, maxSteps } = asked;
  if (rows < 1 || effectiveBatch < 1 || (!maxSteps && !(epochs > 0))) {
    return null;
  }
  const perDevice = asked.perDevice ?? derived(effectiveBatch, asked.device);
  if (effectiveBatch % perDevice) {
    return null;
  }
  const accumulation = effectiveBatch / perDevice;
  const perEpoch = Math.ceil(Math.ceil(rows / perDevice) / accumulation);
  const total = maxSteps ?? Math.ceil(epochs * perEpoch);
  return { perDevice, accumulation, perEpoch, total, epochs: total / perEpoch };
}

function derived(effective: number, device: 'cpu' | 'cuda'): number {
  let size = Math.min(effective, LARGEST_BATCH[device]);
  while (effective % size) {
    size -= 1;
  }
  return size;
}
