import * as React from 'react';

import type { Dataset, LimitShare, TokenLengths } from '../api';
import { Button } from '../components';
import { formatNumber } from '../format';
import { useStudio } from '../shell/context';
import { Bars } from './bars';

/** How many tokens rows have for one model and prompt, and what each max length leaves out. */
export function Tokens(props: {
  dataset: Dataset;
  tokens: TokenLengths;
}): JSX.Element {
  const studio = useStudio();
  const { trans } = studio;
  const { dataset, tokens } = props;
  const { p50, p95, max } = tokens.tokens;
  const proposed = tokens.proposed_max_length;
  const train = () =>
    studio.openTrain({
      dataset: dataset.name,
      base_model: tokens.model_id,
      prompt: tokens.prompt_id,
      max_length: String(proposed)
    });
  return (
    <section
      className="jp-FtStudio-tokens"
      aria-label={trans.__('Tokens a row')}
    >
      <h2>{trans.__('Tokens a row')}</h2>
      <p className="jp-FtStudio-muted">
        {trans.__(
          '%1 with the prompt %2: half of the rows have up to %3 tokens, 95 % up to %4, the longest %5.',
          tokens.model,
          tokens.prompt,
          formatNumber(p50),
          formatNumber(p95),
          formatNumber(max)
        )}{' '}
        {tokens.is_sample &&
          trans.__(
            'Counted on %1 rows drawn at random.',
            formatNumber(tokens.rows)
          )}
      </p>
      <div className="jp-FtStudio-tokenCharts">
        <figure>
          <Bars
            large
            histogram={tokens.histogram}
            unit={trans.__('tokens')}
            limit={tokens.max_length}
            label={trans.__('Rows by their number of tokens')}
          />
          <figcaption>
            <span>{formatNumber(tokens.histogram.edges[0])}</span>
            <span>{trans.__('tokens')}</span>
            <span>
              {formatNumber(
                Math.round(
                  tokens.histogram.edges[tokens.histogram.edges.length - 1]
                )
              )}
            </span>
          </figcaption>
        </figure>
        <Limits tokens={tokens} />
      </div>
      <Button
        label={trans.__('Train with max length %1', formatNumber(proposed))}
        title={trans.__('The shortest that leaves out next to nothing')}
        onClick={train}
      />
    </section>
  );
}

function Limits({ tokens }: { tokens: TokenLengths }): JSX.Element {
  const { trans } = useStudio();
  return (
    <table className="jp-FtStudio-limits">
      <thead>
        <tr>
          <th scope="col">{trans.__('Max length')}</th>
          <th scope="col">{trans.__('Too long')}</th>
        </tr>
      </thead>
      <tbody>
        {tokens.limits.map(limit => (
          <tr
            key={limit.max_length}
            data-asked={limit.max_length === tokens.max_length}
          >
            <td>{formatNumber(limit.max_length)}</td>
            <td>{tooLong(limit)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** "12 (0.3 %)"; none is 0. */
export function tooLong({ too_long, share }: LimitShare): string {
  if (!too_long) {
    return '0';
  }
  const percent = 100 * share;
  const shown = percent < 0.1 ? '< 0.1' : formatNumber(percent);
  return `${formatNumber(too_long)} (${shown} %)`;
}
