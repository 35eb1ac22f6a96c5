import { runIcon as trainIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { Prompt } from '../api';
import { promptIcon } from '../icons';
import { useStudio } from '../shell/context';
import { useModels } from '../state';
import { CommandIDs } from '../tokens';
import { Mark, Row } from './row';
import { Section } from './section';

/** Stored prompts. */
export function Prompts(): JSX.Element {
  const studio = useStudio();
  const { trans, prompts, datasets } = studio;
  useModels(prompts, datasets);
  const hasDataset = datasets.total > 0;
  const add = () => studio.newPrompt();
  return (
    <Section
      id="prompts"
      title={trans.__('Prompts')}
      lists={[prompts]}
      add={{ label: trans.__('New prompt'), onClick: add }}
      empty={{
        text: hasDataset
          ? trans.__('A prompt turns a row into a question and its answer.')
          : trans.__('A prompt is written for a dataset; import one first.'),
        action: hasDataset
          ? trans.__('Write a prompt')
          : trans.__('Import a dataset'),
        onClick: hasDataset
          ? add
          : () => studio.execute(CommandIDs.importDataset)
      }}
    >
      <ul className="jp-FtStudio-list">
        {prompts.items.map(prompt => (
          <PromptRow key={prompt.id} prompt={prompt} />
        ))}
      </ul>
    </Section>
  );
}

function PromptRow({ prompt }: { prompt: Prompt }): JSX.Element {
  const studio = useStudio();
  const { trans } = studio;
  const dataset = studio.datasets.items.find(
    item => item.id === prompt.dataset_id
  );
  return (
    <Row
      kind="prompt"
      id={prompt.id}
      name={prompt.name}
      onOpen={() => studio.openPrompt(prompt.id)}
      mark={<Mark icon={promptIcon} />}
      detail={dataset ? trans.__('for %1', dataset.name) : undefined}
      title={`${prompt.prompt_template}\n→ ${prompt.completion_template}`}
      actions={[
        {
          icon: trainIcon,
          label: trans.__('Train with %1', prompt.name),
          onClick: () =>
            studio.openTrain({
              prompt: prompt.name,
              dataset: dataset?.name ?? prompt.dataset_id
            })
        }
      ]}
    />
  );
}
