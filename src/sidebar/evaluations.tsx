import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { EvaluationSummary } from '../api';
import { ProgressBar } from '../components';
import { formatAgo, formatNumber, formatPercent } from '../format';
import { evaluationIcon } from '../icons';
import { useStudio } from '../shell/context';
import { useModels } from '../state';
import { Mark, Row } from './row';
import { Section } from './section';

/** Evaluations with their verdicts, newest first. */
export function Evaluations(): JSX.Element {
  const studio = useStudio();
  const { trans, evaluations } = studio;
  useModels(evaluations);
  const add = () => studio.newEvaluation();
  return (
    <Section
      id="evaluations"
      title={trans.__('Evaluations')}
      lists={[evaluations]}
      add={{ label: trans.__('New evaluation'), onClick: add }}
      empty={{
        text: trans.__(
          'An evaluation shows whether an adapter is better than its base model.'
        ),
        action: trans.__('Evaluate an adapter'),
        onClick: add
      }}
    >
      <ul className="jp-FtStudio-list">
        {evaluations.items.map(evaluation => (
          <Row
            key={evaluation.job_id}
            kind="evaluation"
            id={evaluation.job_id}
            name={evaluation.name}
            onOpen={() => studio.openEvaluation(evaluation.job_id)}
            mark={<Mark icon={evaluationIcon} />}
            aside={percentOf(evaluation)}
            detail={evaluationDetail(evaluation, trans)}
            title={[evaluation.name, evaluation.verdict]
              .filter(Boolean)
              .join('\n')}
          >
            {evaluation.state === 'running' && (
              <ProgressBar
                share={shareOf(evaluation)}
                label={trans.__('Progress of %1', evaluation.name)}
              />
            )}
          </Row>
        ))}
      </ul>
    </Section>
  );
}

/** How much of an evaluation is done; null while that is unknown. */
export function shareOf({ progress }: EvaluationSummary): number | null {
  return progress?.total_steps ? progress.step / progress.total_steps : null;
}

function percentOf(evaluation: EvaluationSummary): string | undefined {
  const share = shareOf(evaluation);
  return evaluation.state === 'running' && share !== null
    ? formatPercent(share)
    : undefined;
}

function evaluationDetail(
  evaluation: EvaluationSummary,
  trans: TranslationBundle
): string {
  const { state, outcome, rows, created_at } = evaluation;
  const words: Record<string, string> = {
    better: trans.__('better'),
    worse: trans.__('worse'),
    different: trans.__('different'),
    none: trans.__('no difference shown')
  };
  return [
    state === 'succeeded' ? words[outcome ?? ''] : stateWords(state, trans),
    rows ? trans._n('1 row', '%2 rows', rows, formatNumber(rows)) : '',
    formatAgo(created_at, trans)
  ]
    .filter(Boolean)
    .join(' · ');
}

function stateWords(
  state: EvaluationSummary['state'],
  trans: TranslationBundle
): string {
  return {
    queued: trans.__('queued'),
    held: trans.__('held'),
    starting: trans.__('starting'),
    running: trans.__('answering…'),
    stopping: trans.__('stopping'),
    succeeded: trans.__('done'),
    failed: trans.__('failed'),
    stopped: trans.__('stopped'),
    lost: trans.__('process vanished')
  }[state];
}
