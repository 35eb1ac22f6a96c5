import * as React from 'react';

import { ApiError } from '../api';
import { Button } from '../components';
import { useStudio } from '../shell/context';

const PAUSE_MS = 350;

/** What a search of the hub answers, whichever kind of thing was looked for. */
export type Found = { id: string };

/** Searches the hub as somebody types; the newest words win. */
export function useHubSearch<T>(
  words: string,
  search: (q: string, signal: AbortSignal) => Promise<{ items: T[] }>
): {
  results: T[] | null;
  busy: boolean;
  error: ApiError | null;
  again: () => void;
} {
  const [results, setResults] = React.useState<T[] | null>(null);
  const [busy, setBusy] = React.useState(false);
  const [error, setError] = React.useState<ApiError | null>(null);
  const [turn, setTurn] = React.useState(0);
  React.useEffect(() => {
    const q = words.trim();
    if (!q) {
      setResults(null);
      setBusy(false);
      setError(null);
      return;
    }
    const abort = new AbortController();
    const ask = async () => {
      try {
        const page = await search(q, abort.signal);
        setResults(page.items);
        setError(null);
      } catch (reason) {
        if (abort.signal.aborted) {
          return;
        }
        setResults(null);
        setError(ApiError.from(reason));
      }
      setBusy(false);
    };
    setBusy(true);
    const timer = window.setTimeout(() => void ask(), PAUSE_MS);
    return () => {
      window.clearTimeout(timer);
      abort.abort();
    };
  }, [words, turn]);
  return { results, busy, error, again: () => setTurn(turn + 1) };
}

/** What a search found, as a list to choose from with the mouse or the arrow keys. */
export function HubResults<T extends Found>(props: {
  label: string;
  search: ReturnType<typeof useHubSearch<T>>;
  chosen: string;
  onChoose: (found: T) => void;
  /** Behind the name: downloads, size, badges. */
  detail: (found: T) => React.ReactNode;
}): JSX.Element | null {
  const { trans } = useStudio();
  const { results, busy, error, again } = props.search;
  if (error) {
    return (
      <div className="jp-FtStudio-hubSaid" role="status">
        {error.message} {error.remedy}{' '}
        <Button kind="plain" label={trans.__('Search again')} onClick={again} />
      </div>
    );
  }
  if (!results) {
    return busy ? (
      <div className="jp-FtStudio-hubSaid" role="status">
        {trans.__('Searching the hub…')}
      </div>
    ) : null;
  }
  if (!results.length) {
    return (
      <div className="jp-FtStudio-hubSaid" role="status">
        {trans.__(
          'The hub has nothing of these words. An exact id can be imported all the same.'
        )}
      </div>
    );
  }
  return (
    <ul
      className="jp-FtStudio-hubResults"
      aria-label={props.label}
      aria-busy={busy}
      onKeyDown={moveFocus}
    >
      {results.map(found => (
        <li key={found.id}>
          <button
            type="button"
            aria-pressed={found.id === props.chosen}
            onClick={() => props.onChoose(found)}
          >
            <span className="jp-FtStudio-hubName">{found.id}</span>
            <span className="jp-FtStudio-hubDetail">{props.detail(found)}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

/** Arrow keys go from result to result; Enter must not send the dialog. */
function moveFocus(event: React.KeyboardEvent<HTMLElement>): void {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (event.key === 'Enter') {
    event.stopPropagation();
  }
  if (!by) {
    return;
  }
  event.preventDefault();
  const buttons = [...event.currentTarget.querySelectorAll('button')];
  const at = buttons.indexOf(event.target as HTMLButtonElement);
  buttons[at + by]?.focus();
}
