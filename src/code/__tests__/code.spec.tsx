import { Clipboard } from '@jupyterlab/apputils';
import { fireEvent, screen, waitFor } from '@testing-library/react';
import * as React from 'react';

import { show, studioAnswering } from '../../__mocks__/studio';
import type { Code } from '../../api';
import { ApiError } from '../../api';
import { CodeModel } from '../model';
import { notebookOf } from '../notebook';
import { CodeView } from '../view';

const FORMATS: Code['formats'] = [
  'magic',
  'client',
  'yaml',
  'script',
  'notebook'
];

function code(format: Code['format'], changes: Partial<Code> = {}): Code {
  return {
    format,
    language: 'python',
    filename: format === 'notebook' ? 'run.ipynb' : 'run.py',
    text: format === 'notebook' ? '{"cells": []}' : `the ${format}\n`,
    notes: [],
    formats: FORMATS,
    ...changes
  };
}

function shown(ask = async (format: Code['format']) => code(format)) {
  const asked = jest.fn(ask);
  const model = new CodeModel(asked);
  const open = jest.fn(async () => undefined);
  show(studioAnswering({}).studio, <CodeView model={model} open={open} />);
  return { model, asked, open };
}

describe('Code of a run', () => {
  it('shows one format at a time, and asks for each once', async () => {
    const { asked } = shown();
    expect(await screen.findByText('the magic')).toBeTruthy();
    const tabs = await screen.findAllByRole('tab');
    expect(tabs.map(tab => tab.textContent)).toEqual([
      'Cell',
      'Python',
      'YAML',
      'Script'
    ]);
    fireEvent.click(screen.getByRole('tab', { name: 'Script' }));
    expect(await screen.findByText('the script')).toBeTruthy();
    fireEvent.click(screen.getByRole('tab', { name: 'Cell' }));
    expect(await screen.findByText('the magic')).toBeTruthy();
    expect(asked.mock.calls.map(call => call[0])).toEqual(['magic', 'script']);
  });

  it('copies what is shown, and opens it as a notebook', async () => {
    const copy = jest
      .spyOn(Clipboard, 'copyToSystem')
      .mockImplementation(() => undefined);
    const { open } = shown();
    await screen.findByText('the magic');
    fireEvent.click(screen.getByRole('button', { name: 'Copy' }));
    expect(copy).toHaveBeenCalledWith('the magic\n');
    expect(await screen.findByText('Copied.')).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: 'Open as notebook' }));
    await waitFor(() => expect(open).toHaveBeenCalledTimes(1));
  });

  it('says what differs, and why there is none', async () => {
    shown(async format => {
      if (format === 'yaml') {
        throw new ApiError(
          {
            code: 'not_found',
            message: 'The prompt is gone.',
            field: null,
            remedy: null
          },
          422
        );
      }
      return code(format, { notes: ['The prompt was changed.'] });
    });
    expect(await screen.findByText(/was changed/)).toBeTruthy();
    fireEvent.click(screen.getByRole('tab', { name: 'YAML' }));
    expect(await screen.findByText('The prompt is gone.')).toBeTruthy();
  });

  it('puts a cell behind the magic that it needs, and a script in its own cells', async () => {
    const model = new CodeModel(async format => code(format));
    await model.show('magic');
    const { name, content } = await notebookOf(model);
    const cells = content.cells as { source: string }[];
    expect(name).toBe('run.ipynb');
    expect(cells.map(cell => cell.source)).toEqual([
      '%load_ext ftstudio_ext',
      'the magic'
    ]);
    await model.show('script');
    expect((await notebookOf(model)).content).toEqual({ cells: [] });
  });
});
