import type { Preview, PreviewRequest, StudioApi } from '../../api';
import { ApiError } from '../../api';
import { RowPreview } from '../preview';

type Asked = {
  body: PreviewRequest;
  signal: AbortSignal;
  answer: (changes?: Partial<Preview>) => Promise<void>;
  fail: (error: ApiError) => Promise<void>;
};

/** A server that answers when the test says so. */
function makePreview(draft: { template: string }) {
  const asked: Asked[] = [];
  const api = {
    prompts: {
      preview: (body: PreviewRequest, { signal }: { signal: AbortSignal }) =>
        new Promise<Preview>((resolve, reject) => {
          const soon = () => jest.advanceTimersByTimeAsync(0);
          asked.push({
            body,
            signal,
            answer: changes => {
              resolve(answerTo(body, changes));
              return soon();
            },
            fail: error => {
              reject(error);
              return soon();
            }
          });
        })
    }
  };
  const preview = new RowPreview(api as unknown as StudioApi, () =>
    draft.template ? { dataset: 'd1', prompt_template: draft.template } : null
  );
  return { preview, asked };
}

function answerTo(body: PreviewRequest, changes: Partial<Preview> = {}) {
  const rows = body.rows ?? [41];
  return {
    split: 'train',
    total: 100,
    row: rows[0],
    rows: rows.map(row => ({ row })),
    prompt: body.prompt_template,
    checks: [],
    checked: body.checks ? { rows: 50, total: 100 } : null,
    ...changes
  } as unknown as Preview;
}

function refusal(field: string): ApiError {
  const info = { code: 'invalid_input', message: '', field, remedy: null };
  return new ApiError(info, 422);
}

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

describe('RowPreview', () => {
  it('waits until the typing rests, and asks once', async () => {
    const draft = { template: 'a' };
    const { preview, asked } = makePreview(draft);
    preview.follow();
    await jest.advanceTimersByTimeAsync(100);
    draft.template = 'ab';
    preview.follow();
    await jest.advanceTimersByTimeAsync(200);
    expect(asked).toHaveLength(0);
    await jest.advanceTimersByTimeAsync(100);
    expect(asked.map(item => item.body.prompt_template)).toEqual(['ab']);
  });

  it('shows the newest answer, whichever comes last', async () => {
    const draft = { template: 'old' };
    const { preview, asked } = makePreview(draft);
    void preview.refresh();
    draft.template = 'new';
    void preview.refresh();
    await asked[1].answer();
    await asked[0].answer();
    expect(asked[0].signal.aborted).toBe(true);
    expect(preview.answer?.prompt).toBe('new');
  });

  it('stays at its row while the templates change', async () => {
    const draft = { template: 'a' };
    const { preview, asked } = makePreview(draft);
    void preview.random();
    await asked[0].answer();
    draft.template = 'ab';
    preview.follow();
    await jest.advanceTimersByTimeAsync(300);
    expect(asked[1].body).toMatchObject({ split: 'train', rows: [41] });
  });

  it('keeps what it shows when a template is refused, and says why', async () => {
    const { preview, asked } = makePreview({ template: 'a' });
    void preview.refresh();
    await asked[0].answer();
    void preview.refresh();
    await asked[1].fail(refusal('prompt_template'));
    expect(preview.answer).not.toBeNull();
    expect(preview.error?.field).toBe('prompt_template');
    void preview.refresh();
    await asked[2].answer();
    expect(preview.error).toBeNull();
  });

  it('shows the text at once while the tokenizer loads, then asks for tokens only', async () => {
    const { preview, asked } = makePreview({ template: 'a' });
    preview.look({ model: 'm1', maxLength: 64 });
    await jest.advanceTimersByTimeAsync(300);
    expect(asked[0].body.model).toBeUndefined();
    await asked[0].answer();
    expect(preview.answer).not.toBeNull();
    expect(asked[1].body).toMatchObject({ model: 'm1', max_length: 64 });
    expect(asked[1].body.rows).toEqual([41]);
    await asked[1].answer();
    void preview.refresh();
    expect(asked[2].body.model).toBe('m1');
  });

  it('shows the text when a base model has no tokens to give', async () => {
    const { preview, asked } = makePreview({ template: 'a' });
    preview.look({ model: 'm1' });
    await asked[0].answer();
    await asked[1].fail(refusal('model'));
    expect(preview.tokensError?.field).toBe('model');
    expect(preview.error).toBeNull();
    expect(preview.answer?.prompt).toBe('a');
  });

  it('goes on with the text alone when the tokens fail later', async () => {
    const draft = { template: 'old' };
    const { preview, asked } = makePreview(draft);
    preview.look({ model: 'm1' });
    await asked[0].answer();
    await asked[1].answer();
    draft.template = 'new';
    void preview.refresh();
    await asked[2].fail(refusal('model'));
    await asked[3].answer();
    expect(preview.answer?.prompt).toBe('new');
    expect(preview.tokensError).not.toBeNull();
  });

  it('shows five rows, and steps on from there', async () => {
    const { preview, asked } = makePreview({ template: 'a' });
    void preview.go('train', 97);
    await asked[0].answer();
    preview.look({ many: true });
    expect(asked[1].body.rows).toEqual([95, 96, 97, 98, 99]);
    await asked[1].answer();
    void preview.go('train', 90);
    expect(asked[2].body.rows).toEqual([90, 91, 92, 93, 94]);
  });

  it('checks after the row, and not again for another row', async () => {
    const { preview, asked } = makePreview({ template: 'a' });
    preview.look({ model: 'm1' });
    await asked[0].answer();
    await asked[1].answer();
    await jest.advanceTimersByTimeAsync(700);
    expect(asked[2].body).toMatchObject({ checks: true, model: 'm1' });
    await asked[2].answer();
    expect(preview.checked).toEqual({ rows: 50, total: 100 });
    void preview.go('train', 3);
    await asked[3].answer();
    await jest.advanceTimersByTimeAsync(2000);
    expect(asked).toHaveLength(4);
  });

  it('asks for nothing while a template is missing', async () => {
    const { preview, asked } = makePreview({ template: '' });
    await preview.refresh();
    expect(asked).toHaveLength(0);
    expect(preview.answer).toBeNull();
  });
});
