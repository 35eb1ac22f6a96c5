import { letter, shuffled } from '../blind';

describe('blind mode', () => {
  it('shows every column once, in an order of chance', () => {
    const orders = new Set<string>();
    for (let turn = 0; turn < 200; turn++) {
      const order = shuffled(3);
      expect([...order].sort()).toEqual([0, 1, 2]);
      orders.add(order.join());
    }
    expect(orders.size).toBe(6);
  });

  it('calls the columns by letters', () => {
    expect([0, 1, 25, 26].map(letter)).toEqual(['A', 'B', 'Z', 'A1']);
  });
});
