import { studioAnswering } from '../../__mocks__/studio';
import { ApiError } from '../../api';
import type { IFtStudio } from '../../tokens';
import { deleteRecord } from '../actions';
import { recordKinds } from '../kinds';

const DATASET = { id: 'd1', name: 'sql', bytes: 12_000_000, revision: 1 };
const PROMPT = { id: 'p1', name: 'ask', dataset_id: 'd1', revision: 1 };

function inUse(remedy: string): ApiError {
  return new ApiError(
    { code: 'in_use', message: 'One prompt uses it.', field: null, remedy },
    409
  );
}

/** A studio in which people say yes; `questions` are those they were asked. */
async function agreeing(answers: Record<string, unknown>) {
  const made = studioAnswering({
    'GET datasets': { items: [DATASET], total: 1 },
    'GET prompts': { items: [PROMPT], total: 1 },
    ...answers
  });
  const questions: string[] = [];
  const errors: unknown[] = [];
  Object.assign(made.studio.messages, {
    confirm: async (_: string, body: string) => {
      questions.push(body);
      return true;
    },
    error: (reason: unknown) => errors.push(reason)
  });
  await made.studio.datasets.refresh();
  await made.studio.prompts.refresh();
  return { ...made, questions, errors };
}

function removeDataset(studio: IFtStudio): Promise<void> {
  return deleteRecord(studio, recordKinds(studio).dataset, 'd1');
}

describe('deleting', () => {
  it('names what goes with it and what stays', async () => {
    const { studio, questions } = await agreeing({});
    await removeDataset(studio);
    expect(questions).toHaveLength(1);
    expect(questions[0]).toContain('12 MB');
    expect(questions[0]).toContain('stays');
    expect(questions[0]).toContain('One prompt uses it.');
  });

  it('asks again before it takes dependents along', async () => {
    const remedy =
      'Delete with cascade=true: prompts go with it, adapters stay.';
    const { studio, asked, questions } = await agreeing({
      'DELETE datasets/d1': inUse(remedy)
    });
    await removeDataset(studio);
    expect(questions).toHaveLength(2);
    expect(questions[1]).toContain('Prompts go with it, adapters stay.');
    expect(questions[1]).not.toContain('cascade');
    const deletions = asked.filter(item => item.route.startsWith('DELETE'));
    expect(deletions).toHaveLength(2);
  });

  it('does not offer what the server will not do', async () => {
    const { studio, questions, errors } = await agreeing({
      'DELETE datasets/d1': inUse('Stop the run first.')
    });
    await removeDataset(studio);
    expect(questions).toHaveLength(1);
    expect(errors).toHaveLength(1);
  });
});
