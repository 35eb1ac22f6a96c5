import { nullTranslator } from '@jupyterlab/translation';

import type { MemoryFix } from '../../api';
import { TrainForm } from '../form';
import { fixer, MemoryModel } from '../memory';

const SCHEMA = {
  type: 'object',
  required: [],
  properties: {
    base_model: { type: 'string', title: 'Base model' },
    per_device_batch_size: { type: 'integer', title: 'Batch' },
    gradient_checkpointing: { type: 'boolean', title: 'Checkpointing' }
  }
};

function makeForm(): TrainForm {
  return new TrainForm(SCHEMA, nullTranslator.load('ftstudio'));
}

function makeFix(changes: Record<string, unknown>): MemoryFix {
  return {
    label: 'fix',
    note: '',
    changes,
    saves_bytes: 1,
    total_bytes: 1,
    verdict: 'fits'
  };
}

function estimate(device: string, chosen: boolean) {
  return { device, chosen, parts: [], fixes: [] };
}

async function until(done: () => boolean): Promise<void> {
  while (!done()) {
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}

describe('memory of a run', () => {
  it('asks once a base model is chosen, and shows the device that is used', async () => {
    const asked: unknown[] = [];
    const memory = async (body: unknown) => {
      asked.push(body);
      return { estimates: [estimate('gpu', false), estimate('cpu', true)] };
    };
    const model = new MemoryModel({ memory } as never);
    const form = makeForm();
    model.look(form);
    await new Promise(resolve => setTimeout(resolve, 400));
    expect(asked).toHaveLength(0);
    form.set('base_model', 'tiny');
    model.look(form);
    await until(() => asked.length === 1 && !model.busy);
    expect(model.estimate?.device).toBe('cpu');
    model.dispose();
  });

  it('says why there is no estimate', async () => {
    const memory = async () => {
      throw new Error('no torch');
    };
    const model = new MemoryModel({ memory } as never);
    const form = makeForm();
    form.set('base_model', 'tiny');
    model.look(form);
    await until(() => model.error !== null);
    expect(model.error?.message).toContain('no torch');
    expect(model.busy).toBe(false);
    model.dispose();
  });

  it('makes all changes of a fix, or none', () => {
    const form = makeForm();
    const changes = { per_device_batch_size: 2, gradient_checkpointing: true };
    fixer(form, makeFix(changes))?.();
    expect(form.spec()).toMatchObject(changes);
    expect(fixer(form, makeFix({ unknown_field: 1 }))).toBeNull();
  });
});
