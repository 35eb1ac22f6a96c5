import * as React from 'react';

import { Button, ErrorBox } from '../components';
import { useStudio } from '../shell/context';
import { TabHead } from '../shell/record';
import { useModels } from '../state';
import { CommandIDs } from '../tokens';
import { ADAPTER_TYPE, isAdapter } from './drag';
import { showInMlflow } from './mlflow';
import type { CompareModel } from './model';
import { ColumnsPicker, SourcePickers } from './pickers';
import {
  ExampleTools,
  ManyQuestions,
  OneQuestion,
  RowsTools,
  unaskable
} from './question';
import { Results } from './results';
import { Settings } from './settings';
import { StatusLine } from './status';

type Props = { model: CompareModel };

/** The compare tab: the question and its settings on top, the answers below. */
export function CompareView({ model }: Props): JSX.Element {
  const { trans } = useStudio();
  useModels(model);
  const { choices, answers, ready } = model;
  if (!ready) {
    return (
      <div className="jp-FtStudio-page">
        {choices.error ? (
          <ErrorBox error={choices.error} retry={() => void model.again()} />
        ) : (
          <p className="jp-FtStudio-help">{trans.__('Loading…')}</p>
        )}
      </div>
    );
  }
  return (
    <div
      className="jp-FtStudio-page jp-FtStudio-compare"
      data-state={answers.state}
      {...dropTarget(model)}
      onKeyDown={event => {
        const enter = event.key === 'Enter' && (event.ctrlKey || event.metaKey);
        if (enter && !unaskable(model, trans)) {
          event.preventDefault();
          void model.ask();
        }
      }}
    >
      <Head model={model} />
      <div className="jp-FtStudio-compare-setup">
        <ColumnsPicker model={model} />
        <Settings model={model} />
      </div>
      <Source model={model} />
      <Toolbar model={model} />
      {model.draft.mode === 'one' ? (
        <OneQuestion model={model} />
      ) : (
        <ManyQuestions model={model} />
      )}
      <ErrorBox error={answers.error} retry={() => void model.ask()} />
      {answers.sheet && <Results model={model} sheet={answers.sheet} />}
    </div>
  );
}

/** Adapters can be dragged here from the sidebar. */
function dropTarget(
  model: CompareModel
): Pick<React.HTMLAttributes<HTMLElement>, 'onDragOver' | 'onDrop'> {
  return {
    onDragOver: event => {
      if (isAdapter(event.dataTransfer)) {
        event.preventDefault();
        event.dataTransfer.dropEffect = 'copy';
      }
    },
    onDrop: event => {
      const adapter = event.dataTransfer.getData(ADAPTER_TYPE);
      if (adapter) {
        event.preventDefault();
        void model.dropAdapter(adapter);
      }
    }
  };
}

function Head({ model }: Props): JSX.Element {
  const studio = useStudio();
  const { trans } = studio;
  const { sheet } = model.answers;
  const kept = sheet?.saved && !model.answers.asking ? sheet.comparison : null;
  return (
    <TabHead title={trans.__('Compare models')} subtitle={kept?.name}>
      {kept && (
        <>
          <Button
            label={trans.__('Rename…')}
            onClick={() =>
              studio.execute(CommandIDs.renameRecord, {
                kind: 'comparison',
                id: kept.id
              })
            }
          />
          <MlflowButton id={kept.id} />
          {(['csv', 'json'] as const).map(format => (
            <Button
              key={format}
              label={
                format === 'csv'
                  ? trans.__('Export CSV')
                  : trans.__('Export JSON')
              }
              onClick={() =>
                studio.execute(CommandIDs.exportComparison, {
                  id: kept.id,
                  format
                })
              }
            />
          ))}
        </>
      )}
    </TabHead>
  );
}

function MlflowButton({ id }: { id: string }): JSX.Element {
  const studio = useStudio();
  const { trans } = studio;
  const [busy, setBusy] = React.useState(false);
  const show = (): void => {
    setBusy(true);
    showInMlflow(studio, id)
      .catch(reason => studio.messages.error(reason))
      .finally(() => setBusy(false));
  };
  return (
    <Button
      label={trans.__('Open in MLflow')}
      title={trans.__('Logs the answers and votes first, a few seconds')}
      busy={busy}
      onClick={show}
    />
  );
}

/** Where questions come from. */
function Source({ model }: Props): JSX.Element {
  const { trans } = useStudio();
  const { mode } = model.draft;
  const modes = [
    ['one', trans.__('One question')],
    ['rows', trans.__('Several rows')]
  ] as const;
  return (
    <div className="jp-FtStudio-compare-source">
      <fieldset className="jp-FtStudio-switch">
        <legend>{trans.__('Ask')}</legend>
        {modes.map(([value, label]) => (
          <label key={value}>
            <input
              type="radio"
              checked={mode === value}
              onChange={() => model.edit({ mode: value })}
            />
            {label}
          </label>
        ))}
      </fieldset>
      <SourcePickers model={model} />
    </div>
  );
}

/** Stays in sight while one reads the answers: another row, and asking it, are one click away. */
function Toolbar({ model }: Props): JSX.Element {
  const { trans } = useStudio();
  const { answers, draft } = model;
  return (
    <div
      className="jp-FtStudio-compare-bar"
      role="toolbar"
      aria-label={trans.__('Ask the models')}
    >
      {draft.mode === 'one' ? (
        <ExampleTools model={model} />
      ) : (
        <RowsTools model={model} />
      )}
      <div className="jp-FtStudio-compare-ask">
        <StatusLine model={model} />
        {answers.asking ? (
          <Button
            kind="warn"
            label={
              answers.state === 'stopping'
                ? trans.__('Cancelling…')
                : trans.__('Cancel')
            }
            onClick={() => answers.stop()}
          />
        ) : (
          <Button
            kind="primary"
            label={trans.__('Compare')}
            title={trans.__('Also by Ctrl+Enter')}
            why={unaskable(model, trans)}
            onClick={() => void model.ask()}
          />
        )}
      </div>
    </div>
  );
}
