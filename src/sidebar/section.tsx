import {
  addIcon,
  caretDownIcon,
  caretRightIcon,
  searchIcon
} from '@jupyterlab/ui-components';
import * as React from 'react';

import { Button, ErrorBox, IconButton } from '../components';
import { formatNumber } from '../format';
import { useStudio } from '../shell/context';
import type { ListModel } from '../state';
import { useModels } from '../state';
import { useFold } from './folds';

export type SectionProps<T> = {
  id: string;
  title: string;
  lists: ListModel<T>[];
  /** The first step, and the words around it, for an empty list. */
  empty: { text: string; action: string; onClick: () => void };
  add?: { label: string; onClick: (event: React.MouseEvent) => void };
  children: React.ReactNode;
};

/** A foldable list with a count, a search and a way to add. */
export function Section<T>(props: SectionProps<T>): JSX.Element {
  const { trans } = useStudio();
  const { id, title, lists, add } = props;
  useModels(...lists);
  const [open, setOpen] = useFold(id);
  const [searching, setSearching] = React.useState(false);
  const total = lists.reduce((sum, list) => sum + list.total, 0);
  const loaded = lists.some(list => list.loaded);
  const Caret = open ? caretDownIcon : caretRightIcon;
  const toggleSearch = () => {
    setOpen(true);
    if (searching) {
      lists.forEach(list => void list.search(''));
    }
    setSearching(!searching);
  };
  return (
    <section className="jp-FtStudio-section" aria-label={title}>
      <div className="jp-FtStudio-sectionHeader">
        <button
          type="button"
          className="jp-FtStudio-sectionTitle"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        >
          <Caret.react tag="span" elementSize="normal" />
          <span>{title}</span>
          {loaded && (
            <span className="jp-FtStudio-count">{formatNumber(total)}</span>
          )}
        </button>
        {(total > 0 || searching) && (
          <IconButton
            icon={searchIcon}
            label={trans.__('Search: %1', title)}
            pressed={searching}
            onClick={toggleSearch}
          />
        )}
        {add && (
          <IconButton icon={addIcon} label={add.label} onClick={add.onClick} />
        )}
      </div>
      {open && (
        <div className="jp-FtStudio-sectionBody">
          {searching && (
            <SearchBox
              title={title}
              onSearch={query => lists.forEach(list => void list.search(query))}
              onClose={toggleSearch}
            />
          )}
          <Body {...props} total={total} loaded={loaded} />
        </div>
      )}
    </section>
  );
}

function Body<T>(
  props: SectionProps<T> & { total: number; loaded: boolean }
): JSX.Element {
  const { trans } = useStudio();
  const { lists, empty, total, loaded } = props;
  const failed = lists.find(list => list.error);
  const query = lists[0].query;
  if (failed && !loaded) {
    return (
      <ErrorBox error={failed.error} retry={() => void failed.refresh()} />
    );
  }
  if (!loaded) {
    return <div className="jp-FtStudio-empty">{trans.__('Loading…')}</div>;
  }
  if (total === 0) {
    return query ? (
      <div className="jp-FtStudio-empty">
        {trans.__('Nothing matches “%1”.', query)}
      </div>
    ) : (
      <div className="jp-FtStudio-empty">
        <div>{empty.text}</div>
        <Button kind="plain" label={empty.action} onClick={empty.onClick} />
      </div>
    );
  }
  return (
    <>
      {props.children}
      {lists
        .filter(list => list.hasMore)
        .map((list, index) => (
          <Button
            key={index}
            kind="plain"
            className="jp-FtStudio-more"
            label={trans.__(
              'Show more (%1 of %2)',
              formatNumber(list.items.length),
              formatNumber(list.total)
            )}
            onClick={() => void list.more()}
          />
        ))}
    </>
  );
}

const PAUSE_MS = 200;

function SearchBox(props: {
  title: string;
  onSearch: (query: string) => void;
  onClose: () => void;
}): JSX.Element {
  const { trans } = useStudio();
  const [text, setText] = React.useState('');
  const first = React.useRef(true);
  React.useEffect(() => {
    if (first.current) {
      first.current = false;
      return;
    }
    const timer = window.setTimeout(() => props.onSearch(text), PAUSE_MS);
    return () => window.clearTimeout(timer);
  }, [text]);
  return (
    <input
      type="search"
      className="jp-mod-styled jp-FtStudio-search"
      aria-label={trans.__('Search: %1', props.title)}
      placeholder={trans.__('Search by name')}
      autoFocus
      value={text}
      onChange={event => setText(event.target.value)}
      onKeyDown={event => {
        if (event.key === 'Escape') {
          props.onClose();
        }
      }}
    />
  );
}
