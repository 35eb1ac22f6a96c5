import { fireEvent, screen, waitFor } from '@testing-library/react';
import * as React from 'react';

import { show, studioAnswering } from '../../__mocks__/studio';
import { ApiError } from '../../api';
import { PromptModel } from '../model';
import { PromptView } from '../view';

const DATASET = {
  id: 'd1',
  name: 'sql',
  state: 'ready',
  rows: 100,
  columns: [
    { name: 'question', type: 'string' },
    { name: 'sql', type: 'string' }
  ],
  splits: []
};

const STORED = {
  id: 'p1',
  name: 'sql',
  revision: 1,
  dataset_id: 'd1',
  mode: 'text',
  messages: [],
  chat_template: null,
  examples: [],
  task: 'sql',
  prompt_template: 'Q: {question}\nA: ',
  completion_template: '{sql}'
};

const ANSWERS = {
  'GET datasets': { items: [DATASET], total: 1 },
  'GET datasets/d1': DATASET,
  'POST prompts/suggest': {
    prompt_template: 'Q: {question}\nA: ',
    completion_template: '{sql}',
    input_columns: ['question'],
    output_column: 'sql',
    ignored_columns: [],
    reasons: ['“sql” is named like an answer.'],
    mode: 'text',
    messages: [],
    recognised: null,
    task: 'sql'
  },
  'POST prompts/preview': {
    split: 'train',
    row: 6,
    total: 100,
    values: { question: 'How many?', sql: 'SELECT 1' },
    prompt: 'Q: How many?\nA: ',
    completion: 'SELECT 1',
    messages: [],
    tokens: null,
    rows: [],
    checks: [],
    checked: null
  },
  'POST prompts': STORED,
  'GET prompts/p1': STORED
};

const TAB = {
  rename: () => undefined,
  become: () => undefined,
  guard: () => undefined,
  close: () => undefined
};

describe('the prompt tab', () => {
  it('suggests templates for a chosen dataset and renders a row', async () => {
    const { studio } = studioAnswering(ANSWERS);
    show(studio, <PromptView args={{ dataset: 'd1' }} tab={TAB} />);
    expect(
      await screen.findByText('SELECT 1', { selector: 'pre' })
    ).toBeTruthy();
    const prompt = screen.getByLabelText(/Prompt template/);
    expect((prompt as HTMLTextAreaElement).value).toBe('Q: {question}\nA: ');
    const row = screen.getByLabelText('Row') as HTMLInputElement;
    expect(row.value).toBe('7');
    expect(screen.getByText('of 100')).toBeTruthy();
  });

  it('saves the draft and becomes the stored prompt', async () => {
    const { studio, asked } = studioAnswering(ANSWERS);
    const became: unknown[] = [];
    show(
      studio,
      <PromptView
        args={{ dataset: 'd1' }}
        tab={{ ...TAB, become: args => became.push(args) }}
      />
    );
    await screen.findByText('SELECT 1', { selector: 'pre' });
    fireEvent.click(screen.getByText('Save'));
    await screen.findByLabelText('Save: Everything is saved');
    expect(asked.find(item => item.route === 'POST prompts')?.body).toEqual({
      name: 'sql',
      dataset: 'd1',
      mode: 'text',
      examples: [],
      task: 'sql',
      prompt_template: 'Q: {question}\nA: ',
      completion_template: '{sql}'
    });
    await waitFor(() => expect(became).toContainEqual({ id: 'p1' }));
  });

  it('shows an unknown placeholder at its template', async () => {
    const error = new ApiError(
      {
        code: 'invalid_input',
        field: 'prompt_template',
        message: 'There is no column “qestion”.',
        remedy: 'Did you mean “question”?'
      },
      422
    );
    const { studio } = studioAnswering({
      ...ANSWERS,
      'POST prompts/preview': error
    });
    show(studio, <PromptView args={{ dataset: 'd1' }} tab={TAB} />);
    await screen.findByText(/Did you mean “question”\?/);
    const prompt = screen.getByLabelText(/Prompt template/);
    expect(prompt.getAttribute('aria-invalid')).toBe('true');
  });

  it('writes a column where the caret was last', async () => {
    const { studio } = studioAnswering(ANSWERS);
    show(studio, <PromptView args={{ dataset: 'd1' }} tab={TAB} />);
    await screen.findByText('SELECT 1', { selector: 'pre' });
    const answer = screen.getByLabelText(
      /Completion template/
    ) as HTMLTextAreaElement;
    answer.focus();
    answer.setSelectionRange(0, 0);
    fireEvent.click(screen.getByRole('button', { name: /question/ }));
    await waitFor(() => expect(answer.value).toBe('{question}{sql}'));
    expect(document.activeElement).toBe(answer);
  });

  it('takes what is written along into a chat, and saves only that', async () => {
    const { studio, asked } = studioAnswering(ANSWERS);
    show(studio, <PromptView args={{ dataset: 'd1' }} tab={TAB} />);
    await screen.findByText('SELECT 1', { selector: 'pre' });
    fireEvent.click(screen.getByLabelText('Chat'));
    const question = screen.getByLabelText('Message 1') as HTMLTextAreaElement;
    expect(question.value).toBe('Q: {question}');
    fireEvent.click(screen.getByText('Add a message'));
    fireEvent.change(screen.getByLabelText('Role of message 3'), {
      target: { value: 'system' }
    });
    fireEvent.click(screen.getByLabelText('Move message 3 up'));
    fireEvent.click(screen.getByText('Save'));
    await waitFor(() =>
      expect(asked.some(item => item.route === 'POST prompts')).toBe(true)
    );
    const sent = asked.find(item => item.route === 'POST prompts')?.body;
    expect(sent).toEqual({
      name: 'sql',
      dataset: 'd1',
      mode: 'chat',
      chat_template: null,
      examples: [],
      task: 'sql',
      messages: [
        { role: 'user', content: 'Q: {question}' },
        { role: 'system', content: '' },
        { role: 'assistant', content: '{sql}' }
      ]
    });
  });

  it('puts the row that is seen in front of every question, with all its columns', async () => {
    const values = { question: 'How many?', sql: 'SELECT 1', note: 'x' };
    const { studio, asked } = studioAnswering({
      ...ANSWERS,
      'GET datasets/d1/rows': { rows: [values], offset: 6, total: 100 }
    });
    show(studio, <PromptView args={{ dataset: 'd1' }} tab={TAB} />);
    await screen.findByText('SELECT 1', { selector: 'pre' });
    fireEvent.click(screen.getByText('Add train · row 7'));
    await screen.findByText('Solved examples (1)');
    fireEvent.click(screen.getByText('Save'));
    await waitFor(() =>
      expect(asked.some(item => item.route === 'POST prompts')).toBe(true)
    );
    expect(
      asked.find(item => item.route === 'POST prompts')?.body
    ).toMatchObject({ examples: [{ split: 'train', row: 6, values }] });
  });

  it('says why it cannot be saved yet', async () => {
    const { studio } = studioAnswering(ANSWERS);
    show(studio, <PromptView args={{}} tab={TAB} />);
    const save = await screen.findByLabelText('Save: Choose a dataset first');
    expect(save.getAttribute('aria-disabled')).toBe('true');
  });
});

describe('PromptModel', () => {
  it('keeps hand-written templates when the dataset changes', async () => {
    const { studio, asked } = studioAnswering(ANSWERS);
    const model = new PromptModel(studio.api);
    model.edit({ prompt_template: 'mine', completion_template: '{sql}' });
    await model.choose('d1');
    expect(model.draft.prompt_template).toBe('mine');
    expect(asked.some(item => item.route === 'POST prompts/suggest')).toBe(
      false
    );
  });
});
