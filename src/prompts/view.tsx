import * as React from 'react';

import { Button } from '../components';
import { useStudio } from '../shell/context';
import { TabHead } from '../shell/record';
import type { ITabHandle, TabArgs } from '../shell/tab';
import { useModels } from '../state';
import { PromptEditor } from './editor';
import { PromptExample } from './example';
import type { PromptDraft } from './model';
import { PromptModel } from './model';

/** A prompt: templates left, a live row right. */
export function PromptView(props: {
  args: TabArgs;
  tab: ITabHandle;
}): JSX.Element {
  const studio = useStudio();
  const { trans } = studio;
  const model = React.useMemo(() => new PromptModel(studio.api), []);
  useModels(model);
  React.useEffect(() => {
    void start(model, props.args);
  }, []);
  useDraftKeeping(model, props.args, props.tab);
  const { saved, dirty, dataset } = model;
  React.useEffect(() => {
    const name = saved?.name ?? trans.__('New prompt');
    props.tab.rename(dirty ? `${name} •` : name);
  }, [saved, dirty]);
  const onSaved = () => {
    void studio.prompts.refresh();
  };
  return (
    <div className="jp-FtStudio-page">
      <TabHead
        title={saved?.name ?? trans.__('New prompt')}
        subtitle={
          dataset
            ? trans.__(
                'How a row of %1 becomes a question and its answer',
                dataset.name
              )
            : trans.__('How a row becomes a question and its answer')
        }
      >
        <Button
          label={trans.__('New training run')}
          why={
            !saved
              ? trans.__('Save the prompt first')
              : dirty
                ? trans.__('Save the changes first')
                : null
          }
          onClick={() =>
            saved &&
            studio.openTrain({
              prompt: saved.name,
              dataset: dataset?.name ?? saved.dataset_id
            })
          }
        />
      </TabHead>
      <div className="jp-FtStudio-halves">
        <PromptEditor model={model} onSaved={onSaved} />
        <PromptExample model={model} />
      </div>
    </div>
  );
}

/** Loads what the tab stands for, and what was typed in it before a reload. */
async function start(model: PromptModel, args: TabArgs): Promise<void> {
  if (args.edited) {
    model.edit(JSON.parse(args.edited) as PromptDraft);
  }
  if (args.id) {
    await model.open(args.id);
  } else if (model.draft.dataset || args.dataset) {
    await model.choose(model.draft.dataset || (args.dataset ?? ''));
  }
}

const PAUSE_MS = 500;

/** Keeps unsaved text in the layout, and asks before a tab with such text closes. */
function useDraftKeeping(
  model: PromptModel,
  args: TabArgs,
  tab: ITabHandle
): void {
  const { trans, messages } = useStudio();
  const { draft, saved, dirty } = model;
  React.useEffect(() => {
    const place: TabArgs = saved ? { id: saved.id } : { ...args };
    delete place.edited;
    if (dirty) {
      place.edited = JSON.stringify(draft);
    }
    const timer = window.setTimeout(
      () => tab.become(place),
      dirty ? PAUSE_MS : 0
    );
    tab.guard(
      dirty
        ? () =>
            messages.confirm(
              trans.__('Discard unsaved changes?'),
              trans.__('The templates in this tab are not saved.'),
              trans.__('Discard')
            )
        : null
    );
    return () => window.clearTimeout(timer);
  }, [draft, saved, dirty]);
}
