import * as React from 'react';

import { Button } from '../components';
import { useStudio } from '../shell/context';
import { TabHead } from '../shell/record';
import type { ITabHandle } from '../shell/tab';
import { useModels } from '../state';
import { PromptEditor } from './editor';
import { PromptExample } from './example';
import { PromptModel } from './model';

/** A prompt: templates left, a live row right. */
export function PromptView(props: {
  id?: string;
  dataset?: string;
  tab: ITabHandle;
}): JSX.Element {
  const studio = useStudio();
  const { trans } = studio;
  const model = React.useMemo(() => new PromptModel(studio.api), []);
  useModels(model);
  React.useEffect(() => {
    if (props.id) {
      void model.open(props.id);
    } else if (props.dataset) {
      void model.choose(props.dataset);
    }
  }, []);
  const { saved, dirty, dataset } = model;
  React.useEffect(() => {
    const name = saved?.name ?? trans.__('New prompt');
    props.tab.rename(dirty ? `${name} •` : name);
  }, [saved, dirty]);
  const onSaved = () => {
    if (model.saved) {
      props.tab.become({ id: model.saved.id });
    }
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
