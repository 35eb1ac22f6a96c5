import * as React from 'react';

/** A bar of a share between 0 and 1; without a share, work of unknown length. */
export function ProgressBar(props: {
  share: number | null;
  label: string;
}): JSX.Element {
  const percent =
    props.share === null
      ? undefined
      : Math.max(0, Math.min(100, Math.floor(props.share * 100)));
  return (
    <div
      className="jp-FtStudio-progress"
      role="progressbar"
      aria-label={props.label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
    >
      <div
        className={percent === undefined ? 'jp-mod-unknown' : ''}
        style={{ width: percent === undefined ? '30%' : `${percent}%` }}
      />
    </div>
  );
}
