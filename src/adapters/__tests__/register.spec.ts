import { Dialog, InputDialog } from '@jupyterlab/apputils';

import { studioAnswering } from '../../__mocks__/studio';
import type { Adapter } from '../../api';
import { registerAdapter } from '../register';

const ADAPTER = { id: 'a1', name: 'sql' } as Adapter;

function answering(value: string, accept: boolean) {
  return jest.spyOn(InputDialog, 'getText').mockResolvedValue({
    button: { accept },
    value
  } as Dialog.IResult<string>);
}

describe('registering an adapter', () => {
  it('asks for an alias, and submits the job', async () => {
    const { studio, asked, opened } = studioAnswering({
      'POST adapters/a1/register': { id: 'job-1' }
    });
    answering(' champion ', true);
    await registerAdapter(studio, ADAPTER);
    expect(asked[0].body).toMatchObject({ alias: 'champion' });
    expect(opened[0]).toContain('success');
  });

  it('does nothing when it is cancelled', async () => {
    const { studio, asked } = studioAnswering({});
    answering('', false);
    await registerAdapter(studio, ADAPTER);
    expect(asked).toHaveLength(0);
  });
});
