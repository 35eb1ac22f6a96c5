import type { Check, Fix, Prompt } from '../api';
import { contentOf, draftOf, withField } from '../prompts/draft';
import type { IFtStudio } from '../tokens';
import type { TrainModel } from './model';

/** What the dataset's own tab mends; the server's codes of such findings begin so. */
const OF_DATA = /^data_/;

/** The button of a finding, or null when nothing can be done about it from the train tab. */
export function remedyOf(
  model: TrainModel,
  { code, fix }: Check
): { label: string; apply: () => void } | null {
  const { choices, form, studio } = model;
  if (!form) {
    return null;
  }
  if (!fix) {
    const dataset = form.text('dataset');
    return OF_DATA.test(code) && dataset
      ? {
          label: studio.trans.__('Show the dataset'),
          apply: () => studio.openDataset(dataset)
        }
      : null;
  }
  const { label } = fix;
  if (fix.kind === 'set_field') {
    const apply = form.setter(fix.field, fix.value);
    return apply && { label, apply };
  }
  const prompt = choices.prompt(form.text('prompt'));
  return prompt
    ? { label, apply: () => void mendPrompt(studio, prompt, fix) }
    : null;
}

/** Change the stored prompt as a finding proposes, and say so: it is not in sight here. */
async function mendPrompt(
  studio: IFtStudio,
  prompt: Prompt,
  fix: Fix
): Promise<void> {
  const { api, messages, trans } = studio;
  const mended = withField(draftOf(prompt), fix.field, fix.value);
  if (!mended) {
    studio.openPrompt(prompt.id);
    return;
  }
  try {
    await api.prompts.update(prompt.id, contentOf(mended), prompt.revision);
    messages.success(trans.__('The prompt “%1” was changed.', prompt.name), {
      label: trans.__('Show'),
      run: () => studio.openPrompt(prompt.id)
    });
  } catch (reason) {
    messages.error(reason);
  }
  await studio.prompts.refresh();
}
