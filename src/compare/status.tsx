import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { formatDuration, formatNumber } from '../format';
import { useStudio } from '../shell/context';
import type { CompareModel } from './model';

/** What happens now, with a clock while nothing else moves. */
export function StatusLine({ model }: { model: CompareModel }): JSX.Element {
  const { trans } = useStudio();
  const { answers } = model;
  const words = statusWords(model, trans);
  const { sheet } = answers;
  const waiting = answers.asking && (!sheet?.answered || sheet.status);
  return (
    <>
      {answers.asking && (
        <span className="jp-FtStudio-spinner" aria-hidden="true" />
      )}
      <span role="status">{words}</span>
      {answers.state === 'asking' && <Count model={model} />}
      {waiting && <Clock key={sheet?.status?.message ?? ''} />}
    </>
  );
}

function statusWords(
  { answers, stale }: CompareModel,
  trans: TranslationBundle
): string {
  const { sheet, state } = answers;
  if (state === 'loading') {
    return trans.__('Loading the answers…');
  }
  if (state === 'stopping') {
    return trans.__('Stops after the present token…');
  }
  if (state === 'asking') {
    if (!sheet || sheet.ended) {
      return trans.__('Asking…');
    }
    return sheet.status?.message ?? '';
  }
  return stale
    ? trans.__('The question has changed since these answers were given.')
    : '';
}

/** How many have answered; not read out, since it changes all the time. */
function Count({ model }: { model: CompareModel }): JSX.Element | null {
  const { trans } = useStudio();
  const { sheet } = model.answers;
  return sheet && !sheet.ended ? (
    <span className="jp-FtStudio-muted">
      {trans.__(
        '%1 of %2 answers',
        formatNumber(sheet.answered),
        formatNumber(sheet.expectedAnswers)
      )}
    </span>
  ) : null;
}

/** Seconds since it appeared; not read out by screen readers. */
function Clock(): JSX.Element {
  const [seconds, setSeconds] = React.useState(0);
  React.useEffect(() => {
    const began = Date.now();
    const timer = window.setInterval(
      () => setSeconds((Date.now() - began) / 1000),
      1000
    );
    return () => window.clearInterval(timer);
  }, []);
  return (
    <span className="jp-FtStudio-muted" aria-hidden="true">
      {formatDuration(Math.floor(seconds))}
    </span>
  );
}
