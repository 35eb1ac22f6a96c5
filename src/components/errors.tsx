import * as React from 'react';

import { ApiError } from '../api';
import { useStudio } from '../shell/context';
import { Button } from './button';

/** A failure in its place: what happened, what to do, and the button that does it. */
export function ErrorBox(props: {
  error: unknown;
  /** What to try again, where that makes sense. */
  retry?: () => void;
  children?: React.ReactNode;
}): JSX.Element | null {
  const { trans } = useStudio();
  if (!props.error) {
    return null;
  }
  const error = ApiError.from(props.error);
  return (
    <div className="jp-FtStudio-errorBox" role="alert">
      <div className="jp-FtStudio-errorBox-message">{error.message}</div>
      {error.remedy && <div>{error.remedy}</div>}
      {props.children}
      {props.retry && (
        <Button label={trans.__('Try again')} onClick={props.retry} />
      )}
    </div>
  );
}

/** The message for one field of a form, if the failure is about it. */
export function fieldError(
  error: ApiError | null,
  ...fields: string[]
): string | null {
  if (!error?.field || !fields.includes(error.field)) {
    return null;
  }
  return error.remedy ? `${error.message} ${error.remedy}` : error.message;
}
