import { waitFor } from '@testing-library/react';

import { studioAnswering } from '../../__mocks__/studio';
import { ApiError } from '../../api';
import { RowsModel } from '../rowsmodel';

const ROUTE = 'GET datasets/d/rows';

function page(offset: number, total: number, count = 100, indices?: number[]) {
  const rows = Array.from(
    { length: Math.min(count, total - offset) },
    (_, i) => ({
      id: offset + i
    })
  );
  return { split: 'train', offset, total, rows, indices: indices ?? null };
}

describe('the rows of a dataset', () => {
  it('are fetched as they come into view', async () => {
    const answers: Record<string, unknown> = { [ROUTE]: page(0, 1000) };
    const { studio, asked } = studioAnswering(answers);
    const rows = new RowsModel(studio, 'd', 'train');
    rows.want(0, 30);
    await waitFor(() => expect(rows.total).toBe(1000));
    expect(rows.at(29)).toEqual({ number: 29, row: { id: 29 } });
    rows.want(20, 60);
    expect(asked).toHaveLength(1);
    answers[ROUTE] = page(500, 1000);
    rows.want(500, 530);
    expect(rows.at(500)).toBeUndefined();
    await waitFor(() => expect(rows.at(500)?.row).toEqual({ id: 500 }));
    expect(asked).toHaveLength(2);
  });

  it('that a search finds keep their numbers', async () => {
    const { studio } = studioAnswering({ [ROUTE]: page(0, 2, 2, [7, 41]) });
    const rows = new RowsModel(studio, 'd', 'train');
    rows.show({ query: 'cat' });
    await waitFor(() => expect(rows.loaded).toBe(true));
    expect([rows.total, rows.at(1)?.number]).toEqual([2, 41]);
  });

  it('can be asked for again after a failure', async () => {
    const refusal = new ApiError(
      { code: 'x', message: 'No.', field: null, remedy: null },
      500
    );
    const answers: Record<string, unknown> = { [ROUTE]: refusal };
    const { studio } = studioAnswering(answers);
    const rows = new RowsModel(studio, 'd', 'train');
    rows.want(0, 10);
    await waitFor(() => expect(rows.error?.message).toBe('No.'));
    answers[ROUTE] = page(0, 10);
    rows.retry();
    await waitFor(() => expect(rows.at(9)?.number).toBe(9));
    expect(rows.error).toBeNull();
  });

  it('end where the server has no more to send', async () => {
    const { studio } = studioAnswering({ [ROUTE]: page(0, 50, 0) });
    const rows = new RowsModel(studio, 'd', 'train');
    rows.want(0, 10);
    await waitFor(() => expect(rows.loaded).toBe(true));
    expect(rows.total).toBe(0);
  });
});
