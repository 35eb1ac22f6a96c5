import * as React from 'react';

/** Panels of which one is seen; the arrow keys move between them. */
export function Tabs<T extends string>(props: {
  tabs: readonly (readonly [name: T, label: string])[];
  value: T;
  onChange: (name: T) => void;
  /** What the tabs are about, for screen readers. */
  label?: string;
  children: React.ReactNode;
}): JSX.Element {
  const { tabs, value, onChange } = props;
  const id = React.useId();
  const move = (event: React.KeyboardEvent) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (by) {
      const index = tabs.findIndex(([name]) => name === value);
      const [next] = tabs[(index + by + tabs.length) % tabs.length];
      onChange(next);
      document.getElementById(`${id}-${next}`)?.focus();
    }
  };
  return (
    <section className="jp-FtStudio-panels">
      <div role="tablist" aria-label={props.label} onKeyDown={move}>
        {tabs.map(([name, label]) => (
          <button
            key={name}
            id={`${id}-${name}`}
            type="button"
            role="tab"
            aria-selected={value === name}
            aria-controls={`${id}-panel`}
            tabIndex={value === name ? 0 : -1}
            onClick={() => onChange(name)}
          >
            {label}
          </button>
        ))}
      </div>
      <div
        id={`${id}-panel`}
        role="tabpanel"
        aria-labelledby={`${id}-${value}`}
      >
        {props.children}
      </div>
    </section>
  );
}
