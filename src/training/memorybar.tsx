import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { MemoryEstimate, MemoryPart } from '../api';
import { Button, ErrorBox, ProgressBar } from '../components';
import { formatBytes, formatNumber } from '../format';
import { useStudio } from '../shell/context';
import { useModels } from '../state';
import type { TrainForm } from './form';
import type { MemoryModel } from './memory';
import { fixer } from './memory';

/** Memory by part against what is free, the verdict, and what makes it fit. */
export function MemorySummary(props: {
  model: MemoryModel;
  form: TrainForm;
}): JSX.Element | null {
  const { model, form } = props;
  const { trans } = useStudio();
  useModels(model);
  if (!form.text('base_model')) {
    return null;
  }
  const { estimate, answer } = model;
  return (
    <section
      className="jp-FtStudio-memory"
      aria-label={trans.__('Memory')}
      aria-busy={model.busy}
    >
      <h3>{trans.__('Memory')}</h3>
      {estimate && answer ? (
        <>
          <p data-verdict={estimate.verdict} role="status">
            {verdictOf(estimate, trans)}
          </p>
          <Bar estimate={estimate} />
          <Fixes estimate={estimate} form={form} />
          <p className="jp-FtStudio-help">
            {trans.__(
              'The peak of a step with rows of %1 tokens. An estimate: no run on this device has confirmed it.',
              formatNumber(answer.length)
            )}
          </p>
        </>
      ) : model.error ? (
        <ErrorBox error={model.error} />
      ) : (
        model.busy && (
          <ProgressBar share={null} label={trans.__('Estimating the memory')} />
        )
      )}
    </section>
  );
}

function verdictOf(estimate: MemoryEstimate, trans: TranslationBundle): string {
  const needed = formatBytes(estimate.total_bytes);
  const free = formatBytes(estimate.free_bytes);
  switch (estimate.verdict) {
    case 'fits':
      return trans.__('Fits: about %1 of %2 free.', needed, free);
    case 'tight':
      return trans.__('Tight: about %1 of %2 free.', needed, free);
    default:
      return trans.__('Will not fit: about %1, with %2 free.', needed, free);
  }
}

function Bar({ estimate }: { estimate: MemoryEstimate }): JSX.Element {
  const { trans } = useStudio();
  const words = partWords(trans);
  const whole = Math.max(estimate.total_bytes, estimate.free_bytes);
  const share = (bytes: number) => `${(100 * bytes) / whole}%`;
  const parts = [...estimate.parts].filter(part => part.bytes > 0);
  return (
    <>
      <div className="jp-FtStudio-memory-bar" aria-hidden="true">
        {parts.map(part => (
          <span
            key={part.name}
            data-part={part.name}
            style={{ width: share(part.bytes) }}
            title={`${words[part.name]}: ${formatBytes(part.bytes)}`}
          />
        ))}
        {estimate.verdict === 'too_large' && (
          <i style={{ left: share(estimate.free_bytes) }} />
        )}
      </div>
      <dl className="jp-FtStudio-memory-parts">
        {parts.map(part => (
          <div key={part.name} data-part={part.name}>
            <dt>{words[part.name]}</dt>
            <dd>{formatBytes(part.bytes)}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

function Fixes(props: {
  estimate: MemoryEstimate;
  form: TrainForm;
}): JSX.Element | null {
  const { estimate, form } = props;
  const { trans } = useStudio();
  if (!estimate.fixes.length) {
    return null;
  }
  return (
    <ul
      className="jp-FtStudio-memory-fixes"
      aria-label={trans.__('What makes it fit')}
    >
      {estimate.fixes.map(fix => {
        const apply = fixer(form, fix);
        const after = formatBytes(fix.total_bytes);
        const words =
          fix.verdict === 'too_large'
            ? trans.__('Still %1, too much.', after)
            : trans.__('−%1, then %2.', formatBytes(fix.saves_bytes), after);
        return (
          <li key={fix.label}>
            {apply ? (
              <Button label={fix.label} title={fix.note} onClick={apply} />
            ) : (
              <span>{fix.label}</span>
            )}
            <span className="jp-FtStudio-help">
              {words} {fix.note}
            </span>
          </li>
        );
      })}
    </ul>
  );
}

function partWords(
  trans: TranslationBundle
): Record<MemoryPart['name'], string> {
  return {
    weights: trans.__('Weights'),
    adapter: trans.__('Adapter'),
    gradients: trans.__('Gradients'),
    optimizer: trans.__('Optimizer'),
    activations: trans.__('Activations'),
    loss: trans.__('Loss'),
    temporary: trans.__('Temporary'),
    framework: trans.__('Libraries')
  };
}
