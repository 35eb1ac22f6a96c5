import type { Fix, Prompt } from '../api';
import { contentOf, draftOf, withField } from '../prompts/draft';
import type { IFtStudio } from '../tokens';
import type { TrainModel } from './model';

/** What a button would do about a finding, or null when it cannot be done from the train tab. */
export function remedyOf(
  model: TrainModel,
  fix: Fix | null
): (() => void) | null {
  const { choices, form, studio } = model;
  if (!form || !fix) {
    return null;
  }
  if (fix.kind === 'set_field') {
    return form.setter(fix.field, fix.value);
  }
  const prompt = choices.prompt(form.text('prompt'));
  return prompt ? () => void mendPrompt(studio, prompt, fix) : null;
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
