import type { ISignal } from '@lumino/signaling';
import * as React from 'react';

import { ApiError } from '../api';
import { ErrorBox } from '../components';
import { useStudio } from './context';
import type { ITabHandle } from './tab';

/** One object of the server, kept fresh while its tab is open. */
type Loaded<T> = {
  value: T | null;
  error: ApiError | null;
  reload: () => void;
};

/** Loads an object, and again whenever `changes` says that its kind has changed. */
function useRecord<T>(
  load: () => Promise<T>,
  changes: ISignal<unknown, unknown>,
  id: string
): Loaded<T> {
  const [value, setValue] = React.useState<T | null>(null);
  const [error, setError] = React.useState<ApiError | null>(null);
  const reload = React.useCallback(() => {
    load().then(
      found => {
        setValue(found);
        setError(null);
      },
      reason => setError(ApiError.from(reason))
    );
  }, [id]);
  React.useEffect(() => {
    reload();
    changes.connect(reload);
    return () => {
      changes.disconnect(reload);
    };
  }, [reload]);
  return { value, error, reload };
}

/** Renders a loaded object; says so while it is absent, and why when it cannot be had. */
function WhenLoaded<T>(props: {
  of: Loaded<T>;
  children: (value: T) => JSX.Element;
}): JSX.Element {
  const { trans } = useStudio();
  const { value, error, reload } = props.of;
  if (error && (!value || error.status === 404)) {
    return <ErrorBox error={error} retry={reload} />;
  }
  if (!value) {
    return <div className="jp-FtStudio-empty">{trans.__('Loading…')}</div>;
  }
  return props.children(value);
}

/** The tab of one stored object, which is named as the object is. */
export function RecordPage<T extends { name: string }>(props: {
  id: string;
  tab: ITabHandle;
  load: (id: string) => Promise<T>;
  changes: ISignal<unknown, unknown>;
  children: (value: T) => JSX.Element;
}): JSX.Element {
  const { id, tab, load, changes, children } = props;
  const found = useRecord(() => load(id), changes, id);
  const name = found.value?.name;
  React.useEffect(() => {
    if (name) {
      tab.rename(name);
    }
  }, [name]);
  return (
    <div className="jp-FtStudio-page">
      <WhenLoaded of={found}>{children}</WhenLoaded>
    </div>
  );
}

/** The head of a tab: what it is about, in a line, and what to do with it. */
export function TabHead(props: {
  title: string;
  subtitle?: React.ReactNode;
  children?: React.ReactNode;
}): JSX.Element {
  return (
    <header className="jp-FtStudio-tabHead">
      <div>
        <h1>{props.title}</h1>
        {props.subtitle && <p>{props.subtitle}</p>}
      </div>
      <div className="jp-FtStudio-tabActions">{props.children}</div>
    </header>
  );
}

export type Fact = [label: string, value: React.ReactNode, title?: string];

/** Names and values; facts without a value are left out. */
export function Facts({ facts }: { facts: Fact[] }): JSX.Element {
  const known = facts.filter(
    ([, value]) => value !== null && value !== undefined && value !== ''
  );
  return (
    <dl className="jp-FtStudio-facts">
      {known.map(([label, value, title]) => (
        <React.Fragment key={label}>
          <dt>{label}</dt>
          <dd title={title}>{value}</dd>
        </React.Fragment>
      ))}
    </dl>
  );
}
