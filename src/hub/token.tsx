import * as React from 'react';

import type { HubToken } from '../api';
import { ApiError } from '../api';
import { Button, fieldError, TextField } from '../components';
import { FormModel, showForm } from '../dialogs/form';
import { useStudio } from '../shell/context';
import type { IFtStudio } from '../tokens';

const PAGE = 'https://huggingface.co/settings/tokens';
/** The beginning of every token, shown in the empty input. */
const EXAMPLE = 'hf_…';

type Values = { token: string };

/** Set, test and forget the token that the server shows the hub. */
export async function setHubToken(studio: IFtStudio): Promise<void> {
  const { api, trans, messages } = studio;
  let kept: HubToken | null = null;
  const saved = await showForm<Values>({
    studio,
    model: new FormModel({ token: '' }),
    title: trans.__('Hugging Face token'),
    accept: trans.__('Test and save'),
    working: trans.__('Asking the hub…'),
    fields: ['token'],
    submit: async ({ token }) => {
      if (!token.trim()) {
        throw noToken(trans);
      }
      kept = await api.hub.setToken(token.trim());
      await studio.status.refresh();
    },
    endedUnseen: error =>
      error ? messages.error(error) : messages.success(trans.__('Saved.')),
    body: model => <TokenFields model={model} />
  });
  if (saved && kept) {
    messages.success(tokenWords(kept, trans));
  }
}

function noToken(trans: IFtStudio['trans']): ApiError {
  return new ApiError(
    {
      code: 'invalid_input',
      field: 'token',
      message: trans.__('Paste a token of your account.'),
      remedy: null
    },
    422
  );
}

/** The token's state as a sentence. */
export function tokenWords(
  { state, user, message, source }: HubToken,
  trans: IFtStudio['trans']
): string {
  const where =
    source === 'environment'
      ? trans.__('It is set by the server’s environment (HF_TOKEN).')
      : '';
  const words: Record<HubToken['state'], string> = {
    absent: trans.__(
      'No token is set: public models and datasets can be had, gated and private ones cannot.'
    ),
    present: trans.__('A token is set. It has not been tested.'),
    valid: user
      ? trans.__('The token is good. It is %1’s.', user)
      : trans.__('The token is good.'),
    rejected: trans.__('The hub refuses this token.'),
    unreachable: trans.__(
      'A token is set. It cannot be tested, as the hub cannot be reached.'
    )
  };
  return [words[state], where, state === 'valid' ? '' : (message ?? '')]
    .filter(Boolean)
    .join(' ');
}

function TokenFields({ model }: { model: FormModel<Values> }): JSX.Element {
  const { trans } = useStudio();
  return (
    <>
      <TokenState />
      <TextField
        type="password"
        label={trans.__('New token')}
        value={model.values.token}
        placeholder={EXAMPLE}
        error={fieldError(model.error, 'token')}
        onChange={token => model.set({ token })}
        help={
          <>
            {trans.__('A token that may read is enough.')}{' '}
            <a href={PAGE} target="_blank" rel="noopener noreferrer">
              {trans.__('Make one on the hub')}
            </a>
            {'. '}
            {trans.__(
              'It is kept on the server where the Hugging Face libraries look for it, and nowhere else.'
            )}
          </>
        }
      />
    </>
  );
}

/** What is set now, with the buttons that test and forget it. */
function TokenState(): JSX.Element {
  const studio = useStudio();
  const { api, trans } = studio;
  const [token, setToken] = React.useState<HubToken | null>(null);
  const [busy, setBusy] = React.useState<'test' | 'forget' | null>(null);
  const [error, setError] = React.useState<ApiError | null>(null);
  const act = async (
    what: 'test' | 'forget' | null,
    ask: () => Promise<HubToken>
  ) => {
    setBusy(what);
    try {
      setToken(await ask());
      setError(null);
    } catch (reason) {
      setError(ApiError.from(reason));
    }
    setBusy(null);
  };
  React.useEffect(() => void act(null, () => api.hub.token()), []);
  const forget = async () => {
    await api.hub.forgetToken();
    await studio.status.refresh();
    return api.hub.token();
  };
  const isSet = token !== null && token.state !== 'absent';
  return (
    <div className="jp-FtStudio-tokenState" data-state={token?.state}>
      <p role="status">
        {error
          ? `${error.message} ${error.remedy ?? ''}`
          : token
            ? tokenWords(token, trans)
            : trans.__('Loading…')}
      </p>
      {isSet && (
        <div className="jp-FtStudio-input">
          <Button
            label={trans.__('Test')}
            busy={busy === 'test'}
            onClick={() => void act('test', () => api.hub.token(true))}
          />
          <Button
            label={trans.__('Forget')}
            busy={busy === 'forget'}
            why={
              token.source === 'environment'
                ? trans.__('It is set by the server’s environment')
                : null
            }
            onClick={() => void act('forget', forget)}
          />
        </div>
      )}
    </div>
  );
}
