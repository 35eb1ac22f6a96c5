import { caretDownIcon, caretUpIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { IconButton } from '../components';
import { formatNumber } from '../format';
import { useStudio } from '../shell/context';
import type { RunLog } from './log';

/** How near the end counts as at the end, in pixels. */
const NEAR = 24;

/** The log: it follows its end until one scrolls up, can be searched and wrapped. */
export function LogView({ log }: { log: RunLog }): JSX.Element {
  const { trans } = useStudio();
  const [follow, setFollow] = React.useState(true);
  const [wrap, setWrap] = React.useState(true);
  const [query, setQuery] = React.useState('');
  const [current, setCurrent] = React.useState(0);
  const box = React.useRef<HTMLPreElement>(null);
  const { lines } = log;
  const needle = query.toLowerCase();
  const hits = React.useMemo(
    () =>
      needle
        ? lines.flatMap((line, index) =>
            line.toLowerCase().includes(needle) ? [index] : []
          )
        : [],
    [lines, needle]
  );
  React.useLayoutEffect(() => {
    if (follow && box.current) {
      box.current.scrollTop = box.current.scrollHeight;
    }
  }, [lines, follow, wrap]);
  const go = (index: number) => {
    const next = hits.length ? (index + hits.length) % hits.length : 0;
    setCurrent(next);
    setFollow(false);
    box.current?.children[hits[next]]?.scrollIntoView({ block: 'nearest' });
  };
  return (
    <div className="jp-FtStudio-log">
      <div className="jp-FtStudio-log-tools">
        <input
          type="search"
          className="jp-mod-styled"
          aria-label={trans.__('Search the log')}
          placeholder={trans.__('Search')}
          value={query}
          onChange={event => {
            setQuery(event.target.value);
            setCurrent(0);
          }}
          onKeyDown={event => {
            if (event.key === 'Enter') {
              go(event.shiftKey ? current - 1 : current + 1);
            }
          }}
        />
        {needle && (
          <>
            <span className="jp-FtStudio-help" role="status">
              {hits.length
                ? trans.__('%1 of %2', current + 1, formatNumber(hits.length))
                : trans.__('not found')}
            </span>
            <IconButton
              icon={caretUpIcon}
              label={trans.__('Previous')}
              why={hits.length ? null : trans.__('Nothing was found.')}
              onClick={() => go(current - 1)}
            />
            <IconButton
              icon={caretDownIcon}
              label={trans.__('Next')}
              why={hits.length ? null : trans.__('Nothing was found.')}
              onClick={() => go(current + 1)}
            />
          </>
        )}
        <Toggle label={trans.__('Follow')} on={follow} set={setFollow} />
        <Toggle label={trans.__('Wrap')} on={wrap} set={setWrap} />
      </div>
      <pre
        ref={box}
        hidden={!lines.length}
        className="jp-FtStudio-log-text"
        data-wrap={wrap}
        tabIndex={0}
        role="log"
        aria-live="off"
        aria-label={trans.__('Log')}
        onScroll={event => {
          const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
          setFollow(scrollHeight - scrollTop - clientHeight < NEAR);
        }}
      >
        {lines.map((line, index) => (
          <Line
            key={index}
            line={line}
            needle={needle}
            isCurrent={hits[current] === index}
          />
        ))}
      </pre>
      <div className="jp-FtStudio-help">
        {!lines.length && trans.__('Nothing has been written yet.')}
        {log.cut &&
          trans.__(
            'The newest lines; all of them are in log.txt in the run’s folder.'
          )}
      </div>
    </div>
  );
}

function Toggle(props: {
  label: string;
  on: boolean;
  set: (on: boolean) => void;
}): JSX.Element {
  return (
    <label>
      <input
        type="checkbox"
        checked={props.on}
        onChange={event => props.set(event.target.checked)}
      />
      {props.label}
    </label>
  );
}

type LineProps = { line: string; needle: string; isCurrent: boolean };

const Line = React.memo(({ line, needle, isCurrent }: LineProps) => {
  const at = needle ? line.toLowerCase().indexOf(needle) : -1;
  if (at < 0) {
    return <div>{line || ' '}</div>;
  }
  const end = at + needle.length;
  return (
    <div data-current={isCurrent || undefined}>
      {line.slice(0, at)}
      <mark>{line.slice(at, end)}</mark>
      {line.slice(end)}
    </div>
  );
});
Line.displayName = 'Line';
