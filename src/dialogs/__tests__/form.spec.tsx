/* eslint-disable jupyter/no-untranslated-string */
import { Dialog } from '@jupyterlab/apputils';
import { act, waitFor } from '@testing-library/react';
import * as React from 'react';

import { studioAnswering } from '../../__mocks__/studio';
import { ApiError } from '../../api';
import { FormModel, showForm } from '../form';

/** A form that is being sent; `answer` and `refuse` end that. */
async function sending() {
  const { studio } = studioAnswering({});
  const told: (ApiError | null)[] = [];
  let answer: () => void = () => undefined;
  let refuse: (reason: Error) => void = () => undefined;
  const sent = new Promise<void>((resolve, reject) => {
    answer = resolve;
    refuse = reject;
  });
  const shown = showForm({
    studio,
    model: new FormModel({}),
    title: 'Import',
    accept: 'Import',
    working: 'Importing…',
    fields: [],
    submit: () => sent,
    endedUnseen: error => told.push(error),
    body: () => <p>Fields</p>
  });
  const button = (kind: string) =>
    waitFor(() => {
      const found = document.querySelector<HTMLElement>(
        `.jp-Dialog-button.jp-mod-${kind}`
      );
      expect(found).not.toBeNull();
      return found as HTMLElement;
    });
  await act(async () => (await button('accept')).click());
  return { shown, told, answer, refuse, button };
}

describe('a form in a dialog', () => {
  afterEach(() => Dialog.flush());

  it('closes once the server took it', async () => {
    const { shown, told, answer } = await sending();
    answer();
    expect(await shown).toBe(true);
    expect(told).toEqual([]);
  });

  it('stays with the error when the server refused it', async () => {
    const { shown, refuse, button } = await sending();
    await act(async () => refuse(new Error('Not so.')));
    await waitFor(() => expect(document.body.textContent).toContain('Not so.'));
    (await button('reject')).click();
    expect(await shown).toBe(false);
  });

  it('shows that it works, and may be closed meanwhile', async () => {
    const { shown, told, answer, button } = await sending();
    await waitFor(() =>
      expect(document.querySelector('[role="progressbar"]')).not.toBeNull()
    );
    const leave = await button('reject');
    expect(leave.textContent).toBe('Go on in the background');
    leave.click();
    expect(await shown).toBe(false);
    answer();
    await waitFor(() => expect(told).toEqual([null]));
  });

  it('tells the failure of what goes on in the background', async () => {
    const { shown, told, refuse, button } = await sending();
    (await button('reject')).click();
    await shown;
    refuse(new Error('Not so.'));
    await waitFor(() => expect(told[0]?.message).toBe('Not so.'));
  });
});
