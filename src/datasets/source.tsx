import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Dataset } from '../api';
import { Button } from '../components';
import { useStudio } from '../shell/context';

/** Where a dataset comes from: files, a folder, the hub, or another dataset. */
export function sourceWords(
  { source: from, source_revision, uploaded }: Dataset,
  trans: TranslationBundle
): string {
  switch (from.source) {
    case 'hub': {
      const commit = source_revision ? ` @ ${source_revision.slice(0, 8)}` : '';
      return `${from.repo_id}${from.config ? ` · ${from.config}` : ''}${commit}`;
    }
    case 'derived':
      return [
        trans.__('A cleaned copy of %1', from.dataset),
        ...(from.steps ?? [])
      ].join(' · ');
    case 'directory':
      return from.path;
    default: {
      const paths =
        typeof from.path === 'string'
          ? [from.path]
          : Object.values(from.path).flat();
      const names = uploaded ? paths.map(path => path.split('/').pop()) : paths;
      return uploaded
        ? trans.__('Uploaded: %1', names.join(', '))
        : names.join(', ');
    }
  }
}

/** Says that the source has changed since, and imports it again. */
export function SourceNote({
  dataset
}: {
  dataset: Dataset;
}): JSX.Element | null {
  const studio = useStudio();
  const { api, trans, messages } = studio;
  const [busy, setBusy] = React.useState(false);
  if (!dataset.source_changed) {
    return null;
  }
  const again = async () => {
    setBusy(true);
    try {
      const made = await api.datasets.reimport(dataset.id, {});
      await studio.datasets.refresh();
      studio.openDataset(made.id);
    } catch (reason) {
      messages.error(reason);
    }
    setBusy(false);
  };
  return (
    <div className="jp-FtStudio-note" role="status">
      {dataset.source_note ?? trans.__('Its source has changed since.')}{' '}
      <Button
        kind="plain"
        label={trans.__('Import it again, as a new dataset')}
        busy={busy}
        onClick={() => void again()}
      />
    </div>
  );
}
