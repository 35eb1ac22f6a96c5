import * as React from 'react';

import { Button, CheckboxField, ErrorBox, Tabs } from '../components';
import { randomIcon } from '../icons';
import { useStudio } from '../shell/context';
import { isWhole, TEMPLATE_FIELDS } from './draft';
import { whatIsMissing } from './editor';
import { Findings } from './findings';
import { Look } from './look';
import type { PromptModel } from './model';
import { TextPanel, TokenPanel } from './panels';
import { Stepper } from './stepper';

type Panel = 'text' | 'tokens';

/** Right half of the prompt tab: rows of the dataset as the templates stand, and the checks. */
export function PromptExample({ model }: { model: PromptModel }): JSX.Element {
  const { trans } = useStudio();
  const { preview } = model;
  const { answer, error } = preview;
  const [panel, setPanel] = React.useState<Panel>('text');
  const atField = TEMPLATE_FIELDS.test(error?.field ?? '');
  return (
    <section
      className="jp-FtStudio-example"
      aria-label={trans.__('Prompt example')}
      aria-busy={preview.asking}
    >
      <Look preview={preview} />
      <div className="jp-FtStudio-exampleBar">
        <Button
          icon={randomIcon}
          label={trans.__('Generate prompt example')}
          title={trans.__('Another row at random')}
          why={whyNot(model, trans)}
          onClick={() => void preview.random()}
        />
        {answer && (
          <Stepper preview={preview} answer={answer} dataset={model.dataset} />
        )}
        <CheckboxField
          label={trans.__('Five rows')}
          value={preview.many}
          onChange={many => preview.look({ many })}
        />
        <span
          className="jp-FtStudio-spinner"
          data-idle={!preview.asking}
          aria-hidden="true"
        />
      </div>
      <Tabs
        label={trans.__('Shown as')}
        tabs={[
          ['text', trans.__('Text')],
          ['tokens', trans.__('Tokens')]
        ]}
        value={panel}
        onChange={setPanel}
      >
        {error && !atField && <ErrorBox error={error} />}
        {answer ? (
          <div data-stale={error !== null}>
            {panel === 'text' ? (
              <TextPanel answer={answer} />
            ) : (
              <TokenPanel preview={preview} answer={answer} />
            )}
          </div>
        ) : (
          <p className="jp-FtStudio-muted">
            {trans.__(
              'One row of the dataset appears here as the model will see it.'
            )}
          </p>
        )}
      </Tabs>
      <Findings model={model} />
    </section>
  );
}

function whyNot(
  model: PromptModel,
  trans: ReturnType<typeof useStudio>['trans']
): string | null {
  if (!model.draft.dataset) {
    return trans.__('Choose a dataset first');
  }
  return isWhole(model.draft) ? null : whatIsMissing(model, trans);
}
