import * as React from 'react';

import { Button } from '../components';
import { useStudio } from '../shell/context';
import { TabHead } from '../shell/record';
import type { ITabHandle, TabArgs } from '../shell/tab';
import { useModels } from '../state';
import type { IFtStudio } from '../tokens';
import { valueAt } from '../training/values';
import { PromptEditor } from './editor';
import { PromptExample } from './example';
import type { PromptDraft } from './draft';
import { EMPTY } from './draft';
import { PromptModel } from './model';

/** A prompt: templates left, a live row right. */
export function PromptView(props: {
  args: TabArgs;
  tab: ITabHandle;
}): JSX.Element {
  const studio = useStudio();
  const { trans } = studio;
  const model = React.useMemo(() => new PromptModel(studio.api), []);
  useModels(model, model.preview);
  React.useEffect(() => {
    void start(model, props.args);
    void defaultLength(studio, model);
    const reload = () => void model.reload();
    studio.prompts.changed.connect(reload);
    return () => {
      studio.prompts.changed.disconnect(reload);
      model.dispose();
    };
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
              dataset: dataset?.name ?? saved.dataset_id,
              base_model: model.preview.model || undefined,
              max_length: textOf(model.preview.maxLength)
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
  const { preview } = model;
  preview.model = args.base_model ?? '';
  preview.maxLength = Number(args.max_length) || null;
  if (args.edited) {
    const edited = JSON.parse(args.edited) as Partial<PromptDraft>;
    model.edit({ ...EMPTY, ...edited });
  }
  if (args.id) {
    await model.open(args.id);
  } else if (model.draft.dataset || args.dataset) {
    await model.choose(model.draft.dataset || (args.dataset ?? ''));
  }
}

/** The length that runs have unless somebody says otherwise. */
async function defaultLength(
  studio: IFtStudio,
  { preview }: PromptModel
): Promise<void> {
  try {
    const schema = await studio.api.schema('TrainSpec');
    const normal = valueAt(schema, 'properties.max_length.default');
    if (preview.maxLength === null && typeof normal === 'number') {
      preview.begin(normal);
    }
  } catch {
    // Without it rows are shown as long as they are.
  }
}

function textOf(value: number | null): string | undefined {
  return value === null ? undefined : String(value);
}

const PAUSE_MS = 500;

/** Keeps unsaved text in the layout, and asks before a tab with such text closes. */
function useDraftKeeping(
  model: PromptModel,
  args: TabArgs,
  tab: ITabHandle
): void {
  const { trans, messages } = useStudio();
  const { draft, saved, dirty, preview } = model;
  const base_model = preview.model || undefined;
  const max_length = textOf(preview.maxLength);
  React.useEffect(() => {
    const place: TabArgs = saved ? { id: saved.id } : { ...args };
    delete place.edited;
    Object.assign(place, { base_model, max_length });
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
  }, [draft, saved, dirty, base_model, max_length]);
}
