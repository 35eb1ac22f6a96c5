import { Clipboard } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { copyIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { AnswerMetrics } from '../api';
import { ApiError } from '../api';
import { ErrorBox, IconButton } from '../components';
import { formatNumber, formatPercent, formatShort } from '../format';
import { useStudio } from '../shell/context';
import type { Piece } from './diff';
import type { LiveAnswer } from './sheet';

/** How an answer came about, in one line of a fixed height: it fills while the text grows. */
export function MetricsLine({ answer }: { answer: LiveAnswer }): JSX.Element {
  const { trans } = useStudio();
  const parts = metricWords(answer, trans);
  return (
    <p
      className="jp-FtStudio-compare-metrics"
      title={exactNumbers(answer, trans)}
    >
      {parts.length ? parts.join(' · ') : '\u00a0'}
    </p>
  );
}

export function metricWords(
  { metrics, tokens, seconds }: LiveAnswer,
  trans: TranslationBundle
): string[] {
  const speed = metrics
    ? metrics.tokens_per_s
    : tokens > 1 && seconds > 0
      ? tokens / seconds
      : null;
  const first = metrics?.first_token_s;
  return [
    typeof first === 'number'
      ? trans.__('first token %1', formatShort(first))
      : '',
    speed ? trans.__('%1 tokens/s', formatNumber(speed)) : '',
    tokens
      ? trans._n('1 token', '%2 tokens', tokens, formatNumber(tokens))
      : '',
    metrics ? stopWords(metrics.stop_reason, trans) : ''
  ].filter(Boolean);
}

/** Why an answer ends where it does. */
export function stopWords(
  reason: AnswerMetrics['stop_reason'],
  trans: TranslationBundle
): string {
  return {
    end: trans.__('ended by itself'),
    limit: trans.__('cut at the limit'),
    cancelled: trans.__('cancelled'),
    error: trans.__('failed')
  }[reason];
}

function exactNumbers(
  { metrics }: LiveAnswer,
  trans: TranslationBundle
): string | undefined {
  if (!metrics) {
    return undefined;
  }
  return [
    trans.__('%1 prompt tokens', formatNumber(metrics.prompt_tokens)),
    trans.__('%1 in all', formatShort(metrics.seconds)),
    metrics.mixed
      ? trans.__('written in one batch with other columns')
      : trans.__('written by itself')
  ].join('\n');
}

type BadgeProps = { good: boolean | null; label: string; title?: string };

/** A verdict: in words and with a sign, since colours alone tell not everybody. */
export function Badge({ good, label, title }: BadgeProps): JSX.Element {
  const sign = good === null ? '' : good ? '✓ ' : '✗ ';
  return (
    <span
      className="jp-FtStudio-badge"
      data-good={good === null ? undefined : good}
      title={title}
    >
      {sign}
      {label}
    </span>
  );
}

/** How an answer compares with the expected one; in brief, without the numbers. */
export function Badges(props: {
  answer: LiveAnswer;
  brief?: boolean;
}): JSX.Element {
  const { trans } = useStudio();
  const { metrics } = props.answer;
  const badges = (metrics ? verdicts(metrics, trans) : []).filter(
    badge => !props.brief || badge.good !== null
  );
  return (
    <div className="jp-FtStudio-badges">
      {badges.map(badge => (
        <Badge key={badge.label} {...badge} />
      ))}
    </div>
  );
}

export function verdicts(
  metrics: AnswerMetrics,
  trans: TranslationBundle
): BadgeProps[] {
  const badges: BadgeProps[] = [];
  const { exact, normalized, similarity, expected_probability, task } = metrics;
  if (exact !== null) {
    badges.push(
      exact
        ? { good: true, label: trans.__('exact match') }
        : normalized
          ? {
              good: true,
              label: trans.__('match but for form'),
              title: trans.__(
                'Equal but for white space, letter case and a final full stop'
              )
            }
          : { good: false, label: trans.__('differs') }
    );
    if (!exact && similarity !== null) {
      badges.push({
        good: null,
        label: trans.__('%1 alike', formatPercent(similarity)),
        title: trans.__('By edit distance: equal texts are 100 % alike')
      });
    }
  }
  // A label is right when it matches: said above already.
  if (task && task.passed !== null && task.kind !== 'label') {
    badges.push({
      good: task.passed,
      label: taskWords(task.kind, trans),
      title: task.message ?? undefined
    });
  }
  if (expected_probability !== null) {
    badges.push({
      good: null,
      label: probability(expected_probability, trans),
      title: trans.__('Probability that the model gives the expected answer')
    });
  }
  return badges;
}

function probability(value: number, trans: TranslationBundle): string {
  return value < 0.001
    ? trans.__('p < 0.001')
    : trans.__('p %1', formatNumber(value));
}

function taskWords(
  kind: NonNullable<AnswerMetrics['task']>['kind'],
  trans: TranslationBundle
): string {
  const words: Record<string, string> = {
    sql: trans.__('SQL result'),
    json: trans.__('valid JSON')
  };
  return words[kind] ?? kind;
}

/** Text with the pieces marked that the other text does not have. */
export function Marked(props: {
  pieces: Piece[];
  kind: 'extra' | 'missing';
}): JSX.Element {
  return (
    <>
      {props.pieces.map((piece, index) =>
        piece.same ? (
          <React.Fragment key={index}>{piece.text}</React.Fragment>
        ) : (
          <mark key={index} data-kind={props.kind}>
            {piece.text}
          </mark>
        )
      )}
    </>
  );
}

/** What a model wrote; while it writes, only the end of it moves. */
export function AnswerText(props: {
  answer: LiveAnswer;
  pieces: Piece[] | null;
  over: boolean;
}): JSX.Element {
  const { trans } = useStudio();
  const { answer, pieces, over } = props;
  const { state, text, error } = answer;
  const silent = over ? trans.__('No answer') : trans.__('Waiting…');
  return (
    <>
      <pre
        className="jp-FtStudio-compare-text"
        data-state={state}
        aria-busy={state === 'writing' && !over}
      >
        {pieces ? <Marked pieces={pieces} kind="extra" /> : text}
        {state === 'writing' && !over && (
          <span className="jp-FtStudio-compare-caret" aria-hidden="true" />
        )}
        {!text && state !== 'writing' && !error && (
          <span className="jp-FtStudio-muted">
            {state === 'done' ? trans.__('Empty answer') : silent}
          </span>
        )}
      </pre>
      {error && <ErrorBox error={new ApiError(error, 0)} />}
    </>
  );
}

/** Copies an answer as it stands. */
export function CopyButton(props: { text: string; name: string }): JSX.Element {
  const { trans } = useStudio();
  const { text, name } = props;
  return (
    <IconButton
      icon={copyIcon}
      label={trans.__('Copy the answer of %1', name)}
      why={text ? null : trans.__('There is no text yet')}
      onClick={() => Clipboard.copyToSystem(text)}
    />
  );
}
