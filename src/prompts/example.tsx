import { caretLeftIcon, caretRightIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { Preview } from '../api';
import { Button, ErrorBox, IconButton } from '../components';
import { formatNumber } from '../format';
import { randomIcon } from '../icons';
import { useStudio } from '../shell/context';
import type { PromptModel } from './model';

const PAUSE_MS = 300;

/** Right half of the prompt tab: one row of the dataset, rendered as the templates stand. */
export function PromptExample({ model }: { model: PromptModel }): JSX.Element {
  const { trans } = useStudio();
  const { draft, preview, previewError } = model;
  const { prompt_template, completion_template } = draft;
  const first = React.useRef(true);
  React.useEffect(() => {
    if (first.current) {
      first.current = false;
      return;
    }
    const timer = window.setTimeout(() => void model.again(), PAUSE_MS);
    return () => window.clearTimeout(timer);
  }, [prompt_template, completion_template]);
  const atField = previewError?.field?.endsWith('_template');
  return (
    <section
      className="jp-FtStudio-example"
      aria-label={trans.__('Prompt example')}
    >
      <div className="jp-FtStudio-exampleBar">
        <Button
          icon={randomIcon}
          label={trans.__('Generate prompt example')}
          title={trans.__('Another row at random')}
          why={whyNot(model, trans)}
          onClick={() => void model.example()}
        />
        {preview && <Stepper model={model} preview={preview} />}
      </div>
      {previewError && !atField && <ErrorBox error={previewError} />}
      {preview ? (
        <Rendered preview={preview} stale={previewError !== null} />
      ) : (
        <p className="jp-FtStudio-muted">
          {trans.__(
            'One row of the dataset appears here as the model will see it.'
          )}
        </p>
      )}
    </section>
  );
}

function whyNot(
  { draft }: PromptModel,
  trans: ReturnType<typeof useStudio>['trans']
): string | null {
  if (!draft.dataset) {
    return trans.__('Choose a dataset first');
  }
  return draft.prompt_template && draft.completion_template
    ? null
    : trans.__('Write both templates');
}

function Stepper(props: { model: PromptModel; preview: Preview }): JSX.Element {
  const { trans } = useStudio();
  const { model, preview } = props;
  const { split, row, total } = preview;
  const go = (to: number) => void model.example({ split, row: to });
  return (
    <div className="jp-FtStudio-pager">
      <IconButton
        icon={caretLeftIcon}
        label={trans.__('Previous row')}
        why={row === 0 ? trans.__('This is the first row') : null}
        onClick={() => go(row - 1)}
      />
      <span aria-live="polite">
        {trans.__(
          '%1 · row %2 of %3',
          split,
          formatNumber(row + 1),
          formatNumber(total)
        )}
      </span>
      <IconButton
        icon={caretRightIcon}
        label={trans.__('Next row')}
        why={row + 1 >= total ? trans.__('This is the last row') : null}
        onClick={() => go(row + 1)}
      />
    </div>
  );
}

function Rendered(props: { preview: Preview; stale: boolean }): JSX.Element {
  const { trans } = useStudio();
  const { preview, stale } = props;
  return (
    <div data-stale={stale}>
      <h2>{trans.__('Prompt')}</h2>
      <pre className="jp-FtStudio-rendered">{preview.prompt}</pre>
      <h2>{trans.__('Completion')}</h2>
      <pre className="jp-FtStudio-rendered jp-mod-completion">
        {preview.completion}
      </pre>
      <details className="jp-FtStudio-details">
        <summary>{trans.__('Row values')}</summary>
        <dl className="jp-FtStudio-facts">
          {Object.entries(preview.values).map(([name, value]) => (
            <React.Fragment key={name}>
              <dt>{name}</dt>
              <dd>
                {typeof value === 'string' ? value : JSON.stringify(value)}
              </dd>
            </React.Fragment>
          ))}
        </dl>
      </details>
    </div>
  );
}
