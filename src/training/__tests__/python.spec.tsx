/* eslint-disable jupyter/no-untranslated-string */
import { fireEvent, screen } from '@testing-library/react';
import * as React from 'react';

import { show, studioAnswering } from '../../__mocks__/studio';
import type { Interpreter } from '../../api';
import { Advanced } from '../advanced';
import { TrainModel } from '../model';

const OWN = python({ python: '/opt/lab/bin/python', version: '3.11.9' });
const GPU = python({
  python: '/opt/gpu/bin/python',
  label: 'GPU',
  version: '3.12.4'
});
const BARE = python({
  python: '/usr/bin/python3',
  label: 'Bare',
  version: '3.13.0',
  missing: ['torch', 'trl'],
  ok: false
});

function python(changes: Partial<Interpreter>): Interpreter {
  return {
    python: '',
    label: null,
    version: null,
    packages: {},
    missing: [],
    ok: true,
    error: null,
    ...changes
  };
}

/** A train form, with the advanced part open, of a server that has these Pythons. */
async function formWith(items: Interpreter[], last: string | null = null) {
  const job = { id: 'j1', name: 'old', spec: {}, resources: { python: last } };
  const { studio, asked } = studioAnswering({
    'GET interpreters': { items, total: items.length },
    'GET jobs': { items: last ? [{ id: 'j1', state: 'succeeded' }] : [] },
    'GET jobs/j1': job,
    'POST training/preflight': { ready: true, checks: [] },
    'POST jobs': { id: 'j2' }
  });
  const model = new TrainModel(studio, {});
  await model.load();
  await model.pythons.refresh();
  const { form } = model;
  if (!form) {
    throw new Error('There is no form.');
  }
  show(studio, <Advanced model={model} form={form} />);
  openFold(/^Advanced/);
  const sent = () => asked.find(one => one.route === 'POST jobs')?.body;
  return { model, form, sent };
}

function openFold(title: RegExp): void {
  const fold = screen.queryByText(title)?.closest('details');
  if (fold) {
    fold.open = true;
    fireEvent(fold, new Event('toggle'));
  }
}

function options(): string[][] {
  openFold(/^Resources/);
  const select = screen.getByLabelText<HTMLSelectElement>('Python environment');
  return [...select.options].map(option => [
    option.text,
    option.disabled ? 'disabled' : 'enabled'
  ]);
}

describe('the Python environment of a run', () => {
  it('is no question where there is one', async () => {
    await formWith([OWN]);
    expect(screen.queryByText('Resources')).toBeNull();
  });

  it('offers those that can train, and says what the others lack', async () => {
    await formWith([OWN, GPU, BARE]);
    expect(options()).toEqual([
      ['/opt/lab/bin/python · Python 3.11.9 (default)', 'enabled'],
      ['GPU · Python 3.12.4', 'enabled'],
      ['Bare · Python 3.13.0 – lacks torch, trl', 'disabled']
    ]);
  });

  it('shows the only one when it cannot train', async () => {
    await formWith([BARE]);
    expect(options()[0][0]).toContain('lacks torch, trl');
  });

  it('is the server’s own unless another was chosen', async () => {
    const { model, sent } = await formWith([OWN, GPU]);
    await model.start();
    expect(sent()).toMatchObject({ resources: {} });
  });

  it('goes along with the run', async () => {
    const { model, form, sent } = await formWith([OWN, GPU]);
    options();
    fireEvent.change(screen.getByLabelText('Python environment'), {
      target: { value: GPU.python }
    });
    expect(form.spec()).toEqual({});
    await model.start();
    expect(sent()).toMatchObject({ resources: { python: GPU.python } });
  });

  it('is that of the last run, listed or not', async () => {
    await formWith([OWN], '/home/me/env/bin/python');
    expect(options().pop()?.[0]).toBe('/home/me/env/bin/python');
    expect(screen.getByLabelText('Python environment')).toHaveProperty(
      'value',
      '/home/me/env/bin/python'
    );
  });
});
