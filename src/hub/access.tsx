import * as React from 'react';

import type { ApiError, HubDatasetInfo, HubModelInfo } from '../api';
import type { HubDataset, HubModel } from '../api';
import { Button } from '../components';
import { formatAgo, formatCount, formatTime } from '../format';
import { useStudio } from '../shell/context';

/** Downloads, size, age and whether consent is asked, in a line. */
export function RepoDetail(props: {
  repo: HubDataset | HubModel;
  /** What only its kind has, in front. */
  more: string[];
}): JSX.Element {
  const { trans } = useStudio();
  const { repo, more } = props;
  const parts = [
    ...more,
    repo.downloads === null
      ? ''
      : trans.__('%1 downloads', formatCount(repo.downloads)),
    repo.licence ?? ''
  ].filter(Boolean);
  return (
    <>
      {repo.gated && (
        <span
          className="jp-FtStudio-badge"
          title={trans.__(
            'Its authors ask for consent to their terms on the hub before it can be downloaded.'
          )}
        >
          {trans.__('gated')}
        </span>
      )}
      {repo.private && (
        <span className="jp-FtStudio-badge">{trans.__('private')}</span>
      )}
      {parts.join(' · ')}
      {repo.updated_at && (
        <span title={formatTime(repo.updated_at)}>
          {parts.length ? ' · ' : ''}
          {formatAgo(repo.updated_at, trans)}
        </span>
      )}
    </>
  );
}

/** Whether the server may download a repository, and if not, what to do. */
export function AccessNote(props: {
  about: HubDatasetInfo | HubModelInfo | null;
  error: ApiError | null;
  /** Opens the dialog of the hub token. */
  onToken: () => void;
}): JSX.Element | null {
  const { trans } = useStudio();
  const { about, error, onToken } = props;
  if (error) {
    return (
      <div className="jp-FtStudio-note" role="status">
        {error.message} {error.remedy}{' '}
        <Button
          kind="plain"
          label={trans.__('Hugging Face token…')}
          onClick={onToken}
        />
      </div>
    );
  }
  if (!about || about.access === 'granted') {
    return null;
  }
  return (
    <div className="jp-FtStudio-note" role="status">
      <p>{about.access_note ?? about.access}</p>
      <a href={about.url} target="_blank" rel="noopener noreferrer">
        {trans.__('Its page on the hub')}
      </a>{' '}
      {about.access === 'needs_token' && (
        <Button
          kind="plain"
          label={trans.__('Hugging Face token…')}
          onClick={onToken}
        />
      )}
    </div>
  );
}
