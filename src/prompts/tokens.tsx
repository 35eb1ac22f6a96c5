import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Token, TokenView } from '../api';
import { Button } from '../components';
import { formatNumber } from '../format';
import { useStudio } from '../shell/context';

/** More are shown on demand: a browser gets slow with tens of thousands of boxes. */
const AT_FIRST = 3000;

export type TokenState = 'masked' | 'learned' | 'end' | 'over';

/** What training does with the token at this position. */
export function stateOf(
  token: Token,
  index: number,
  limitAt: number | null
): TokenState {
  if (limitAt !== null && index >= limitAt) {
    return 'over';
  }
  if (!token.learned) {
    return 'masked';
  }
  return token.kind === 'end' ? 'end' : 'learned';
}

/** Text with its spaces and line ends to be seen. */
export function visible(text: string): string {
  return text
    .replace(/ /g, '·')
    .replace(/\r/g, '␍')
    .replace(/\n/g, '↵\n')
    .replace(/\t/g, '⇥');
}

/** "86 tokens · 21 learned (24 %) · 2 special" */
export function countsOf(view: TokenView, trans: TranslationBundle): string {
  const total = view.tokens.length;
  const special = view.tokens.filter(token => token.special).length;
  const share = total ? Math.round((100 * view.learned_tokens) / total) : 0;
  return [
    trans._n('%1 token', '%1 tokens', total, formatNumber(total)),
    trans.__('%1 learned (%2 %)', formatNumber(view.learned_tokens), share),
    trans.__('%1 special', formatNumber(special))
  ].join(' · ');
}

/** One row as the tokens that training reads. */
export function Tokens(props: { view: TokenView; label: string }): JSX.Element {
  const { trans } = useStudio();
  const { view, label } = props;
  const [all, setAll] = React.useState(false);
  const { tokens, limit_at } = view;
  const shown = all ? tokens : tokens.slice(0, AT_FIRST);
  const names = stateNames(trans);
  return (
    <div className="jp-FtStudio-tokenRow">
      <div className="jp-FtStudio-tokenCounts">{countsOf(view, trans)}</div>
      <Outcome view={view} />
      <div
        className="jp-FtStudio-rendered jp-FtStudio-tokens"
        role="group"
        tabIndex={0}
        aria-label={label}
      >
        {shown.map((token, index) => {
          const state = stateOf(token, index, limit_at);
          return (
            <React.Fragment key={index}>
              {index === limit_at && <Limit view={view} />}
              <span
                data-state={state}
                data-special={token.special ?? undefined}
                title={titleOf(token, names[state], trans)}
              >
                {visible(token.text || `<${token.special ?? token.id}>`)}
              </span>
            </React.Fragment>
          );
        })}
      </div>
      {shown.length < tokens.length && (
        <Button
          label={trans.__('Show all %1 tokens', formatNumber(tokens.length))}
          onClick={() => setAll(true)}
        />
      )}
    </div>
  );
}

/** Where the max length ends. */
function Limit({ view }: { view: TokenView }): JSX.Element {
  const { trans } = useStudio();
  return (
    <span className="jp-FtStudio-limit">
      {trans.__('max length %1', formatNumber(view.max_length))}
    </span>
  );
}

/** What training does with the row, when that is not simply learning from it. */
function Outcome({ view }: { view: TokenView }): JSX.Element | null {
  const { trans } = useStudio();
  const { outcome, tokens, max_length } = view;
  if (outcome === 'used') {
    return null;
  }
  const over = tokens.length - (max_length ?? tokens.length);
  return (
    <div className="jp-FtStudio-outcome" data-outcome={outcome}>
      {outcome === 'too_long'
        ? trans._n(
            'Left out of training: one token over the max length.',
            'Left out of training: %1 tokens over the max length.',
            over,
            formatNumber(over)
          )
        : trans.__('Left out of training: there is nothing to learn in it.')}
    </div>
  );
}

/** What the looks of tokens mean. */
export function Legend(props: { views: readonly TokenView[] }): JSX.Element {
  const { trans } = useStudio();
  const names = stateNames(trans);
  const present = new Set(
    props.views.flatMap(view =>
      view.tokens.map((token, index) => stateOf(token, index, view.limit_at))
    )
  );
  const states: TokenState[] = ['learned', 'end', 'masked'];
  return (
    <ul
      className="jp-FtStudio-legend jp-FtStudio-tokens"
      aria-label={trans.__('Legend')}
    >
      {(present.has('over') ? [...states, 'over' as const] : states).map(
        state => (
          <li key={state}>
            <span data-state={state}>{names[state]}</span>
          </li>
        )
      )}
      <li>
        <span data-special="special">{trans.__('Special token')}</span>
      </li>
    </ul>
  );
}

function stateNames(trans: TranslationBundle): Record<TokenState, string> {
  return {
    learned: trans.__('Learned'),
    end: trans.__('Learned: where the answer ends'),
    masked: trans.__('Given, not learned'),
    over: trans.__('Over the max length')
  };
}

function titleOf(token: Token, state: string, trans: TranslationBundle) {
  const special: Record<string, string> = {
    bos: trans.__('beginning of sequence'),
    eos: trans.__('end of sequence'),
    pad: trans.__('padding'),
    unk: trans.__('unknown'),
    special: trans.__('special token')
  };
  const parts = [trans.__('id %1', token.id), state];
  if (token.special) {
    parts.push(special[token.special] ?? token.special);
  }
  return parts.join(' · ');
}
