import * as React from 'react';

import type { ModelFacts as Known } from '../api';
import { formatBytes, formatCount, formatNumber } from '../format';
import { useStudio } from '../shell/context';
import type { Fact } from '../shell/record';
import { Facts } from '../shell/record';

/** What a model's configuration, weights and tokenizer say. */
export function ModelFacts({ facts }: { facts: Known }): JSX.Element {
  const { trans } = useStudio();
  const shown: Fact[] = [
    [trans.__('Architecture'), facts.architecture],
    [
      trans.__('Parameters'),
      facts.parameters && formatCount(facts.parameters),
      facts.parameters ? formatNumber(facts.parameters) : undefined
    ],
    [
      trans.__('Size on disk'),
      facts.size_bytes && formatBytes(facts.size_bytes)
    ],
    [trans.__('Precision'), facts.dtype],
    [trans.__('Already quantized'), facts.quantized],
    [
      trans.__('Context length'),
      facts.context_length &&
        trans.__('%1 tokens', formatNumber(facts.context_length))
    ],
    [trans.__('Layers'), facts.layers],
    [trans.__('Hidden size'), facts.hidden_size],
    [trans.__('Licence'), facts.licence]
  ];
  return <Facts facts={shown} />;
}

/** What the model's tokenizer says: its size, its special tokens, its chat template. */
export function TokenizerFacts({ facts }: { facts: Known }): JSX.Element {
  const { trans } = useStudio();
  const none = trans.__('none');
  const named = (token: string | null) =>
    token ? <code>{visible(token)}</code> : none;
  const others = facts.special_tokens.filter(
    token =>
      ![
        facts.bos_token,
        facts.eos_token,
        facts.pad_token,
        facts.unk_token
      ].includes(token)
  );
  const shown: Fact[] = [
    [
      trans.__('Vocabulary'),
      facts.vocab_size && trans.__('%1 tokens', formatNumber(facts.vocab_size))
    ],
    [trans.__('Beginning of sequence'), named(facts.bos_token)],
    [trans.__('End of sequence'), named(facts.eos_token)],
    [
      trans.__('Padding'),
      <>
        {named(facts.pad_token)}
        {facts.pad_note && (
          <span className="jp-FtStudio-help"> {facts.pad_note}</span>
        )}
      </>
    ],
    [trans.__('Unknown'), named(facts.unk_token)],
    [
      trans.__('Other special tokens'),
      others.length ? <SpecialTokens tokens={others} /> : null
    ],
    [
      trans.__('Chat template'),
      facts.chat_template
        ? trans.__('yes: prompts can be written as chats')
        : trans.__('none: prompts in text mode, or a template that you choose')
    ]
  ];
  return <Facts facts={shown} />;
}

const SHOWN = 8;

function SpecialTokens({ tokens }: { tokens: string[] }): JSX.Element {
  const { trans } = useStudio();
  const rest = tokens.length - SHOWN;
  return (
    <span className="jp-FtStudio-specialTokens" title={tokens.join('  ')}>
      {tokens.slice(0, SHOWN).map(token => (
        <code key={token}>{visible(token)}</code>
      ))}
      {rest > 0 && (
        <span className="jp-FtStudio-muted">
          {trans.__('and %1 more', formatNumber(rest))}
        </span>
      )}
    </span>
  );
}

/** A token with its white space to be seen. */
function visible(token: string): string {
  return token.replace(/\n/g, '⏎').replace(/ /g, '␣').replace(/\t/g, '⇥');
}
