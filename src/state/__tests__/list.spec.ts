import type { IListQuery, Page } from '../../api';
import { ListModel } from '../list';

function sourceOf(names: string[]) {
  const asked: IListQuery[] = [];
  const list = async (query: IListQuery = {}): Promise<Page<string>> => {
    asked.push(query);
    const found = names.filter(name => name.includes(query.q ?? ''));
    return { items: found.slice(0, query.limit), total: found.length };
  };
  return { asked, list };
}

const MANY = Array.from({ length: 60 }, (_, index) => `run-${index}`);

describe('ListModel', () => {
  it('shows a page, and another when asked', async () => {
    const model = new ListModel(sourceOf(MANY));
    await model.refresh();
    expect(model.items).toHaveLength(25);
    expect(model.hasMore).toBe(true);
    await model.more();
    expect(model.items).toHaveLength(50);
    expect(model.total).toBe(60);
  });

  it('lets the server search', async () => {
    const source = sourceOf(MANY);
    const model = new ListModel(source, { type: 'train' });
    await model.search('run-59');
    expect(model.items).toEqual(['run-59']);
    expect(source.asked[0].type).toBe('train');
  });

  it('is quiet when nothing changed', async () => {
    const model = new ListModel(sourceOf(MANY));
    let changes = 0;
    model.changed.connect(() => {
      changes += 1;
    });
    await model.refresh();
    await model.refresh();
    expect(changes).toBe(1);
  });

  it('keeps what it shows when a refresh fails', async () => {
    const source = sourceOf(MANY);
    const model = new ListModel(source);
    await model.refresh();
    source.list = async () => {
      throw new Error('away');
    };
    await model.refresh();
    expect(model.items).toHaveLength(25);
    expect(model.error?.message).toBe('away');
  });

  it('takes the last question, whichever answer comes last', async () => {
    const waiting: Array<(page: Page<string>) => void> = [];
    const model = new ListModel<string>({
      list: () => new Promise(resolve => waiting.push(resolve))
    });
    const first = model.search('a');
    const second = model.search('ab');
    waiting[1]({ items: ['ab'], total: 1 });
    await second;
    waiting[0]({ items: ['a', 'ab'], total: 2 });
    await first;
    expect(model.items).toEqual(['ab']);
  });
});
