import * as React from 'react';

import type { Evaluation, EvaluationSummary } from '../api';
import { Button, ErrorBox, ProgressBar } from '../components';
import { download } from '../files';
import {
  formatDuration,
  formatLeft,
  formatNumber,
  formatPercent
} from '../format';
import { useStudio } from '../shell/context';
import { openMlflow, pageMissing } from '../shell/mlflow';
import { Facts, TabHead } from '../shell/record';
import { shareOf } from '../sidebar/evaluations';
import { useModels } from '../state';
import { CommandIDs } from '../tokens';
import type { EvaluationModel } from './model';
import { Plots } from './plots';
import { RowsTable } from './rows';
import { MetricTable } from './table';
import { Verdicts } from './verdicts';

/** An evaluation: the verdict first, then the numbers, the plots and the rows. */
export function EvaluationView(props: { model: EvaluationModel }): JSX.Element {
  const { model } = props;
  const { trans } = useStudio();
  useModels(model);
  const { evaluation, error } = model;
  return (
    <div className="jp-FtStudio-page jp-FtStudio-evaluation">
      {error && <ErrorBox error={error} retry={() => void model.load()} />}
      {evaluation ? (
        <Page model={model} evaluation={evaluation} />
      ) : (
        !error && (
          <div className="jp-FtStudio-empty">{trans.__('Loading…')}</div>
        )
      )}
    </div>
  );
}

type Props = { model: EvaluationModel; evaluation: Evaluation };

function Page({ model, evaluation }: Props): JSX.Element {
  const { trans } = useStudio();
  const { metrics } = evaluation;
  return (
    <>
      <Head model={model} evaluation={evaluation} />
      {!model.over && <Progress evaluation={evaluation} />}
      {model.over && evaluation.state !== 'succeeded' && (
        <Unfinished model={model} evaluation={evaluation} />
      )}
      {metrics && (
        <>
          <Verdicts metrics={metrics} />
          <h2>{trans.__('Metrics')}</h2>
          <MetricTable model={model} metrics={metrics} />
          <Plots model={model} metrics={metrics} />
          <h2>{trans.__('Rows')}</h2>
          <RowsTable model={model} metrics={metrics} />
          <HowItWasDone evaluation={evaluation} />
        </>
      )}
    </>
  );
}

function Head({ model, evaluation }: Props): JSX.Element {
  const studio = useStudio();
  const { trans, api } = studio;
  const { base_model, dataset, prompt, rows, mlflow, metrics } = evaluation;
  const about = [
    base_model,
    dataset,
    prompt,
    rows ? trans._n('1 row', '%2 rows', rows, formatNumber(rows)) : ''
  ];
  const save = (format: 'md' | 'csv' | 'json') =>
    download(api.evaluations.reportUrl(model.id, format));
  return (
    <TabHead
      title={evaluation.name}
      subtitle={about.filter(Boolean).join(' · ')}
    >
      {!model.over && (
        <Button label={trans.__('Stop')} onClick={() => void model.stop()} />
      )}
      {metrics && (
        <>
          <Button
            label={trans.__('Report')}
            title={trans.__('The verdict, the table and examples, in Markdown')}
            onClick={() => save('md')}
          />
          <Button
            label={trans.__('CSV')}
            title={trans.__('All rows with all answers')}
            onClick={() => save('csv')}
          />
          <Button
            label={trans.__('JSON')}
            title={trans.__('Everything')}
            onClick={() => save('json')}
          />
        </>
      )}
      {mlflow && (
        <Button
          label={trans.__('Open in MLflow')}
          why={mlflow.url ? null : pageMissing(studio)}
          onClick={() => mlflow.url && openMlflow(studio, mlflow.url)}
        />
      )}
      <Button
        label={trans.__('Show code')}
        title={trans.__('The same evaluation as a cell or a call')}
        onClick={() => studio.execute(CommandIDs.showCode, { id: model.id })}
      />
      <Button
        label={trans.__('Evaluate again…')}
        title={trans.__('A new evaluation that starts from these settings')}
        onClick={() => studio.newEvaluation({ from_job: model.id })}
      />
    </TabHead>
  );
}

function Progress(props: { evaluation: EvaluationSummary }): JSX.Element {
  const { trans } = useStudio();
  const { evaluation } = props;
  const { progress, state } = evaluation;
  const share = shareOf(evaluation);
  const words = [
    state === 'running' ? (progress?.phase ?? state) : state,
    share === null ? '' : formatPercent(share),
    progress?.eta_s ? formatLeft(progress.eta_s, trans) : ''
  ];
  return (
    <div className="jp-FtStudio-evaluation-progress" role="status">
      <ProgressBar share={share} label={trans.__('Progress')} />
      <p>{words.filter(Boolean).join(' · ')}</p>
    </div>
  );
}

/** Why there is no result, and the way on. */
function Unfinished({ model, evaluation }: Props): JSX.Element {
  const studio = useStudio();
  const { trans } = studio;
  const words: Record<string, string> = {
    failed: trans.__('The evaluation has failed.'),
    stopped: trans.__('The evaluation was stopped. Answered rows are kept.'),
    lost: trans.__('Its process has vanished. Answered rows are kept.')
  };
  return (
    <div className="jp-FtStudio-evaluation-ended" data-state={evaluation.state}>
      <p>{words[evaluation.state]}</p>
      <Button
        kind="primary"
        label={trans.__('Go on')}
        onClick={() => void model.resume()}
      />
      <Button
        label={trans.__('What happened')}
        onClick={() => studio.openRun(model.id)}
      />
    </div>
  );
}

function HowItWasDone(props: { evaluation: Evaluation }): JSX.Element | null {
  const { trans } = useStudio();
  const { metrics } = props.evaluation;
  if (!metrics) {
    return null;
  }
  const { timing } = metrics;
  return (
    <details className="jp-FtStudio-details">
      <summary>{trans.__('How it was done')}</summary>
      <Facts
        facts={[
          [trans.__('Precision'), metrics.precision],
          [trans.__('Device'), metrics.device],
          [trans.__('Batch size'), formatNumber(metrics.batch_size)],
          [trans.__('Max new tokens'), formatNumber(metrics.max_new_tokens)],
          [trans.__('Answering'), formatDuration(timing.generation)],
          [trans.__('Judging'), formatDuration(timing.scoring)],
          [trans.__('Statistics'), formatDuration(timing.statistics)],
          [trans.__('Logging'), formatDuration(timing.logging)]
        ]}
      />
    </details>
  );
}
