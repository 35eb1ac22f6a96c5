/* eslint-disable jupyter/no-untranslated-string */
import { nullTranslator } from '@jupyterlab/translation';
import { fireEvent, screen } from '@testing-library/react';
import * as React from 'react';

import { show, studioAnswering } from '../../__mocks__/studio';
import type { HubToken } from '../../api';
import { ApiError } from '../../api';
import { HubResults, useHubSearch } from '../search';
import { tokenWords } from '../token';

const trans = nullTranslator.load('ftstudio');

function token(changes: Partial<HubToken>): HubToken {
  return {
    state: 'absent',
    user: null,
    source: null,
    message: null,
    ...changes
  };
}

describe('the words about a token', () => {
  it('say whose it is when it is good', () => {
    const words = tokenWords(token({ state: 'valid', user: 'ada' }), trans);
    expect(words).toContain('ada');
  });

  it('say what the hub said when it is not', () => {
    const words = tokenWords(
      token({ state: 'rejected', message: 'It was revoked.' }),
      trans
    );
    expect(words).toContain('It was revoked.');
  });

  it('say that the environment sets it', () => {
    const words = tokenWords(
      token({ state: 'present', source: 'environment' }),
      trans
    );
    expect(words).toContain('HF_TOKEN');
  });
});

function Search(props: {
  search: () => Promise<{ items: { id: string }[] }>;
  onChoose: (id: string) => void;
}): JSX.Element {
  const search = useHubSearch('sql', props.search);
  return (
    <HubResults
      label="Found"
      search={search}
      chosen=""
      onChoose={found => props.onChoose(found.id)}
      detail={() => '1k downloads'}
    />
  );
}

describe('a search of the hub', () => {
  it('offers what it found', async () => {
    const { studio } = studioAnswering({});
    const chosen: string[] = [];
    const search = async () => ({ items: [{ id: 'a/sql' }, { id: 'b/sql' }] });
    show(studio, <Search search={search} onChoose={id => chosen.push(id)} />);
    fireEvent.click(await screen.findByRole('button', { name: /b\/sql/ }));
    expect(chosen).toEqual(['b/sql']);
  });

  it('says why it found nothing, and tries again', async () => {
    const { studio } = studioAnswering({});
    let asked = 0;
    const search = async () => {
      asked += 1;
      if (asked === 1) {
        throw new ApiError(
          { code: 'x', message: 'Offline.', field: null, remedy: 'Wait.' },
          503
        );
      }
      return { items: [] };
    };
    show(studio, <Search search={search} onChoose={() => undefined} />);
    expect(await screen.findByText(/Wait\./)).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: 'Search again' }));
    expect(await screen.findByText(/exact id/)).toBeTruthy();
  });
});
