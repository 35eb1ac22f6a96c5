import * as React from 'react';

import type { Dataset } from '../api';
import {
  Button,
  ErrorBox,
  fieldError,
  NumberField,
  SelectField
} from '../components';
import { formatDuration, formatNumber, formatTime } from '../format';
import { useStudio } from '../shell/context';
import { useModels } from '../state';
import { Choices } from '../training/choices';
import { JobProgress, useJob } from './job';
import type { ProfileModel } from './profile';

const LENGTH = 1024;

/** Starts a check, shows how far it is, and why it failed. */
export function CheckBar(props: {
  dataset: Dataset;
  model: ProfileModel;
}): JSX.Element {
  const { trans } = useStudio();
  const { dataset, model } = props;
  const running = model.job;
  const job = useJob(running?.id, () => void model.ended());
  const { failure, profile, error } = model;
  const inField = error?.field && FIELDS.includes(error.field);
  return (
    <div className="jp-FtStudio-checkBar">
      {running ? (
        <JobProgress
          job={job ?? running}
          label={trans.__('Checking %1', dataset.name)}
        />
      ) : (
        <CheckForm {...props} />
      )}
      {error && !inField && <ErrorBox error={error} />}
      {failure && !running && (
        <ErrorBox
          error={
            failure.error?.message ??
            failure.reason ??
            trans.__('The check failed.')
          }
        >
          {failure.error?.remedy}
        </ErrorBox>
      )}
      {profile && !running && (
        <p className="jp-FtStudio-muted" title={formatTime(profile.created_at)}>
          {trans.__(
            'Checked %1 rows in %2.',
            formatNumber(profile.rows),
            formatDuration(Math.max(1, profile.seconds))
          )}{' '}
          {profile.notes.join(' ')}
          {model.isStale(dataset) &&
            ` ${trans.__('The dataset has changed since: check it again.')}`}
        </p>
      )}
    </div>
  );
}

const FIELDS = ['model', 'prompt', 'max_length'];

/** The button, and what tokens are counted for. */
function CheckForm(props: {
  dataset: Dataset;
  model: ProfileModel;
}): JSX.Element {
  const studio = useStudio();
  const { trans } = studio;
  const { dataset, model } = props;
  const choices = React.useMemo(() => new Choices(studio), [studio]);
  useModels(choices);
  React.useEffect(() => {
    void choices.refresh();
    return () => choices.dispose();
  }, [choices]);
  const last = model.profile?.tokens;
  const [picked, pick] = React.useState<Picked>({});
  const prompts = choices.promptsOf(dataset.id);
  const chosen = {
    model: picked.model ?? last?.model_id ?? choices.models[0]?.id ?? '',
    prompt: picked.prompt ?? last?.prompt_id ?? prompts[0]?.id ?? '',
    max_length: picked.max_length ?? last?.max_length ?? LENGTH
  };
  const tokens = Boolean(chosen.model && chosen.prompt);
  const start = () =>
    void model.check(
      tokens ? chosen : { model: null, prompt: null, max_length: null }
    );
  return (
    <div className="jp-FtStudio-checkForm">
      <Button
        kind={model.profile ? 'normal' : 'primary'}
        label={
          model.profile
            ? trans.__('Check again')
            : trans.__('Check this dataset')
        }
        busy={model.busy === 'check'}
        onClick={start}
      />
      <SelectField
        label={trans.__('Count tokens for')}
        value={chosen.model}
        error={fieldError(model.error, 'model')}
        onChange={id => pick({ ...picked, model: id })}
        choices={[
          { value: '', label: trans.__('No base model') },
          ...choices.models.map(toChoice)
        ]}
      />
      <SelectField
        label={trans.__('Prompt')}
        value={chosen.prompt}
        error={fieldError(model.error, 'prompt')}
        onChange={id => pick({ ...picked, prompt: id })}
        choices={[
          { value: '', label: trans.__('No prompt') },
          ...prompts.map(toChoice)
        ]}
      />
      {tokens ? (
        <NumberField
          label={trans.__('Max length')}
          unit={trans.__('tokens')}
          value={chosen.max_length}
          error={fieldError(model.error, 'max_length')}
          onChange={max_length => pick({ ...picked, max_length })}
        />
      ) : (
        <span className="jp-FtStudio-muted">
          {trans.__('Tokens are counted for a base model and a prompt.')}
        </span>
      )}
    </div>
  );
}

type Picked = {
  model?: string;
  prompt?: string;
  max_length?: number | null;
};

function toChoice(item: { id: string; name: string }) {
  return { value: item.id, label: item.name };
}
