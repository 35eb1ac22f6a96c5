import type { TranslationBundle } from '@jupyterlab/translation';

import type { AskedQuestion, GenerationSettings } from '../api';
import { formatNumber } from '../format';
import { letter } from './blind';
import type { CompareModel } from './model';
import type { Sheet } from './sheet';

/** What stands above a column; a letter, by its place on the screen, while names are hidden. */
export function columnTitle(
  { answers }: CompareModel,
  sheet: Sheet,
  place: number,
  index: number,
  trans: TranslationBundle
): string {
  return answers.revealed
    ? sheet.columns[place].label
    : trans.__('Model %1', letter(index));
}

/** "greedy, 128 tokens at most" or "temperature 0.7, top p 0.9, …". */
export function settingsWords(
  settings: GenerationSettings,
  trans: TranslationBundle
): string {
  const { temperature = 0, top_p = 1, top_k = 0 } = settings;
  const { repetition_penalty = 1, max_new_tokens } = settings;
  const style = temperature
    ? [
        trans.__('temperature %1', formatNumber(temperature)),
        top_p < 1 ? trans.__('top p %1', formatNumber(top_p)) : '',
        top_k ? trans.__('top k %1', formatNumber(top_k)) : ''
      ]
    : [trans.__('greedy')];
  return [
    ...style,
    repetition_penalty === 1
      ? ''
      : trans.__('repetition penalty %1', formatNumber(repetition_penalty)),
    max_new_tokens
      ? trans.__('%1 tokens at most', formatNumber(max_new_tokens))
      : ''
  ]
    .filter(Boolean)
    .join(', ');
}

/** "train · row 12", or what the question is otherwise. */
export function questionName(
  { split, row }: AskedQuestion,
  trans: TranslationBundle
): string {
  return row === null
    ? trans.__('own question')
    : trans.__('%1 · row %2', split ?? '', formatNumber(row + 1));
}
