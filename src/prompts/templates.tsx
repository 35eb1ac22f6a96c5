import * as React from 'react';

import { fieldError } from '../components';
import { useStudio } from '../shell/context';
import { Caret } from './caret';
import { Chips } from './chips';
import { columnsUsed } from './pieces';
import { templatesOf } from './draft';
import { Examples } from './examples';
import { Messages } from './messages';
import type { PromptModel } from './model';
import { TemplateField } from './templatefield';

/** The templates of the chosen mode, and the columns that can be put into them. */
export function Templates({ model }: { model: PromptModel }): JSX.Element {
  const place = React.useRef<HTMLDivElement>(null);
  const caret = React.useMemo(() => new Caret(), []);
  const { draft, dataset } = model;
  return (
    <div className="jp-FtStudio-templates" ref={place}>
      <Chips
        columns={dataset?.columns ?? []}
        used={columnsUsed(templatesOf(draft))}
        onInsert={placeholder => caret.insert(placeholder, place.current)}
      />
      {draft.mode === 'chat' ? (
        <Messages model={model} onCaret={node => caret.take(node)} />
      ) : (
        <TextTemplates model={model} onCaret={node => caret.take(node)} />
      )}
      <Examples model={model} />
    </div>
  );
}

function TextTemplates(props: {
  model: PromptModel;
  onCaret: (node: HTMLTextAreaElement) => void;
}): JSX.Element {
  const { trans } = useStudio();
  const { model, onCaret } = props;
  const { draft, columns, error, preview } = model;
  const failed = error ?? preview.error;
  return (
    <>
      <TemplateField
        label={trans.__('Prompt template')}
        hint={trans.__(
          'What the model is given. {{ and }} are literal braces; {?column}…{/column} stands only where the column has a value.'
        )}
        required
        rows={9}
        value={draft.prompt_template}
        columns={columns}
        error={fieldError(failed, 'prompt_template')}
        onChange={text => model.edit({ prompt_template: text })}
        onCaret={onCaret}
      />
      <TemplateField
        label={trans.__('Completion template')}
        hint={trans.__('What the model learns to answer.')}
        required
        rows={3}
        value={draft.completion_template}
        columns={columns}
        error={fieldError(failed, 'completion_template')}
        onChange={text => model.edit({ completion_template: text })}
        onCaret={onCaret}
      />
    </>
  );
}
