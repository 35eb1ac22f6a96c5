import * as React from 'react';

import type { Event } from '../api';
import { formatNumber } from '../format';
import { useStudio } from '../shell/context';

/** What the model wrote on fixed rows at each evaluation; one can go back to earlier steps. */
export function Samples({ samples }: { samples: Event[] }): JSX.Element {
  const { trans } = useStudio();
  const steps = [...new Set(samples.map(event => event.step ?? 0))];
  const [chosen, setChosen] = React.useState<number | null>(null);
  const step =
    chosen !== null && steps.includes(chosen)
      ? chosen
      : steps[steps.length - 1];
  if (!samples.length) {
    return (
      <p className="jp-FtStudio-help">
        {trans.__(
          'At each evaluation the model writes answers to a few validation rows; they appear here.'
        )}
      </p>
    );
  }
  return (
    <>
      <div
        className="jp-FtStudio-steps"
        role="group"
        aria-label={trans.__('Evaluated at step')}
      >
        <span className="jp-FtStudio-help">{trans.__('At step')}</span>
        {steps.map(item => (
          <button
            key={item}
            type="button"
            className="jp-FtStudio-chip"
            aria-pressed={item === step}
            onClick={() =>
              setChosen(item === steps[steps.length - 1] ? null : item)
            }
          >
            {formatNumber(item)}
          </button>
        ))}
      </div>
      {samples
        .filter(event => event.step === step)
        .map(event => (
          <Sample key={event.row ?? event.prompt} event={event} />
        ))}
    </>
  );
}

function Sample({ event }: { event: Event }): JSX.Element {
  const { trans } = useStudio();
  const same = event.text?.trim() === event.expected?.trim();
  return (
    <dl className="jp-FtStudio-sample">
      <dt>{trans.__('Prompt')}</dt>
      <dd>
        <pre className="jp-FtStudio-rendered">{event.prompt}</pre>
      </dd>
      <dt>{trans.__('Expected')}</dt>
      <dd>
        <pre className="jp-FtStudio-rendered">{event.expected}</pre>
      </dd>
      <dt>{trans.__('Written')}</dt>
      <dd>
        <pre className="jp-FtStudio-rendered" data-same={same}>
          {event.text || trans.__('(nothing)')}
        </pre>
      </dd>
    </dl>
  );
}
