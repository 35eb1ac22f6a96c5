/* eslint-disable jupyter/no-untranslated-string */
import { nullTranslator } from '@jupyterlab/translation';

import type { Fix, StudioApi, Suggestion, Token, TokenView } from '../../api';
import {
  chatOf,
  contentOf,
  EMPTY,
  inMode,
  isWhole,
  suggested,
  withField
} from '../draft';
import { moved } from '../messages';
import { PromptModel } from '../model';
import { columnsUsed, piecesOf } from '../pieces';
import { countsOf, stateOf, visible } from '../tokens';

const TEXT = {
  ...EMPTY,
  prompt_template: 'Q: {question}\n',
  completion_template: '{sql}'
};

describe('the pieces of a template', () => {
  it('joined, are the template', () => {
    for (const template of ['', 'a{b}c', '{{x}} {y} } {', '{{{a}}}', '{a\n}']) {
      const pieces = piecesOf(template, ['a']);
      expect(pieces.map(piece => piece.text).join('')).toBe(template);
    }
  });

  it('tell parts that may be left out', () => {
    const kinds = piecesOf('{?a}x{/a}{?b}', ['a']).map(piece => piece.kind);
    expect(kinds).toEqual(['section', 'text', 'section', 'unknown']);
  });

  it('tell columns from what is none', () => {
    const kinds = piecesOf('{{a}} {a} {b} }', ['a']).map(piece => piece.kind);
    expect(kinds.filter(kind => kind !== 'text')).toEqual([
      'brace',
      'brace',
      'column',
      'unknown',
      'broken'
    ]);
    expect(columnsUsed(['{a} {{c}}', '{?b}{b}{/b}'])).toEqual(['a', 'b']);
  });
});

describe('a draft', () => {
  it('goes from text to chat and back without losing anything', () => {
    const chat = inMode(TEXT, 'chat');
    expect(chat.messages).toEqual([
      { role: 'user', content: 'Q: {question}' },
      { role: 'assistant', content: '{sql}' }
    ]);
    expect(inMode(chat, 'text').prompt_template).toBe(TEXT.prompt_template);
    expect(contentOf(chat)).not.toHaveProperty('prompt_template');
  });

  it('leaves the line that leads to the answer to the turns of the chat', () => {
    const asked = (text: string) => chatOf(text, '')[0].content;
    expect(asked('Q: {a}\n\n### SQL\n')).toBe('Q: {a}');
    expect(asked('Q: {a}\nAnswer:')).toBe('Q: {a}');
    expect(asked('Translate: {a}')).toBe('Translate: {a}');
    expect(asked('Q\nContext: {a}\n')).toBe('Q\nContext: {a}');
  });

  it('begins a chat with a question and an answer', () => {
    const roles = inMode(EMPTY, 'chat').messages.map(message => message.role);
    expect(roles).toEqual(['user', 'assistant']);
  });

  it('takes conversations as a chat, unless a text is written already', () => {
    const messages = chatOf('{user}', '{assistant}');
    const found = {
      mode: 'chat',
      messages,
      prompt_template: '{user}',
      completion_template: '{assistant}'
    } as Suggestion;
    expect(suggested(EMPTY, found)).toEqual({ mode: 'chat', messages });
    expect(suggested(TEXT, found)).toMatchObject({
      mode: 'text',
      prompt_template: '{user}'
    });
  });

  it('is whole when there is an answer to learn', () => {
    const chat = inMode(TEXT, 'chat');
    expect(isWhole(chat)).toBe(true);
    expect(isWhole({ ...chat, messages: moved(chat.messages, 0, 1) })).toBe(
      false
    );
    expect(isWhole({ ...TEXT, completion_template: '' })).toBe(false);
  });

  it('is mended at a field, however deep', () => {
    const chat = inMode(TEXT, 'chat');
    const mended = withField(chat, 'messages.0.content', 'new');
    expect(mended?.messages[0].content).toBe('new');
    expect(chat.messages[0].content).toBe('Q: {question}');
    expect(withField(chat, 'messages.7.content', 'new')).toBeNull();
    expect(withField(chat, 'other', 'new')).toBeNull();
  });
});

describe('a remedy', () => {
  const fix = (changes: Partial<Fix>): Fix => ({
    kind: 'set_field',
    field: 'max_length',
    value: 200,
    label: 'Set it',
    ...changes
  });

  function model(): PromptModel {
    const made = new PromptModel({} as StudioApi);
    made.draft = TEXT;
    return made;
  }

  it('sets the length that is looked with', () => {
    const made = model();
    made.remedy(fix({}))?.();
    expect(made.preview.maxLength).toBe(200);
    made.dispose();
  });

  it('changes the template that it is about', () => {
    const made = model();
    const field = 'prompt_template';
    made.remedy(fix({ kind: 'set_prompt_field', field, value: 'Q' }))?.();
    expect(made.draft.prompt_template).toBe('Q');
    made.dispose();
  });

  it('is no button where this tab cannot carry it out', () => {
    const made = model();
    expect(made.remedy(null)).toBeNull();
    expect(made.remedy(fix({ field: 'optimizer.name' }))).toBeNull();
  });
});

describe('tokens', () => {
  const token = (changes: Partial<Token>): Token => ({
    id: 1,
    text: 'a',
    kind: 'prompt',
    learned: false,
    special: null,
    ...changes
  });

  it('are told apart by what training does with them', () => {
    expect(stateOf(token({}), 0, null)).toBe('masked');
    expect(stateOf(token({ learned: true }), 0, null)).toBe('learned');
    expect(stateOf(token({ learned: true, kind: 'end' }), 0, 9)).toBe('end');
    expect(stateOf(token({ learned: true }), 9, 9)).toBe('over');
  });

  it('show their spaces and line ends', () => {
    expect(visible(' a\tb\n')).toBe('·a⇥b↵\n');
  });

  it('are counted in a line', () => {
    const tokens = [
      token({ special: 'bos' }),
      token({}),
      token({ learned: true }),
      token({ learned: true, special: 'eos', kind: 'end' })
    ];
    const view = { tokens, learned_tokens: 2 } as TokenView;
    expect(countsOf(view, nullTranslator.load('ftstudio'))).toBe(
      '4 tokens · 2 learned (50 %) · 2 special'
    );
  });
});
