import * as React from 'react';

import type { Preview } from '../api';
import { ApiError } from '../api';
import { ErrorBox, IconButton } from '../components';
import { formatNumber } from '../format';
import { randomIcon } from '../icons';
import { useStudio } from '../shell/context';

/** One row of the dataset as the model will see it, fetched when it is unfolded. */
export function PromptRow(props: {
  dataset: string;
  prompt: string;
  /** Whose chat template is used; empty for none. */
  model: string;
}): JSX.Element | null {
  const { trans } = useStudio();
  const [open, setOpen] = React.useState(false);
  if (!props.dataset || !props.prompt) {
    return null;
  }
  return (
    <details
      className="jp-FtStudio-details jp-FtStudio-promptRow"
      open={open}
      onToggle={event => setOpen(event.currentTarget.open)}
    >
      <summary>{trans.__('One row as the model sees it')}</summary>
      {open && <Row {...props} />}
    </details>
  );
}

function Row(props: {
  dataset: string;
  prompt: string;
  model: string;
}): JSX.Element {
  const { dataset, prompt } = props;
  const model = props.model || null;
  const { api, trans } = useStudio();
  const [preview, setPreview] = React.useState<Preview | null>(null);
  const [error, setError] = React.useState<ApiError | null>(null);
  const [turn, setTurn] = React.useState(0);
  React.useEffect(() => {
    const abort = new AbortController();
    const row = turn === 0 ? 0 : null;
    api.prompts
      .preview({ dataset, prompt, model, row }, { signal: abort.signal })
      .then(found => {
        setPreview(found);
        setError(null);
      })
      .catch(reason => {
        if (!abort.signal.aborted) {
          setError(ApiError.from(reason));
        }
      });
    return () => abort.abort();
  }, [dataset, prompt, model, turn]);
  if (error) {
    return <ErrorBox error={error} retry={() => setTurn(turn + 1)} />;
  }
  if (!preview) {
    return <div className="jp-FtStudio-help">{trans.__('Reading…')}</div>;
  }
  const place = trans.__(
    'Row %1 of %2, %3',
    formatNumber(preview.row + 1),
    formatNumber(preview.total),
    preview.split
  );
  return (
    <div>
      <div className="jp-FtStudio-promptRow-head">
        <span className="jp-FtStudio-help">{place}</span>
        <IconButton
          icon={randomIcon}
          label={trans.__('Another row')}
          onClick={() => setTurn(turn + 1)}
        />
      </div>
      <pre
        className="jp-FtStudio-rendered"
        tabIndex={0}
        aria-label={trans.__('Rendered row')}
      >
        <span>{preview.prompt}</span>
        <mark title={trans.__('What the model learns to write')}>
          {preview.completion}
        </mark>
      </pre>
    </div>
  );
}
