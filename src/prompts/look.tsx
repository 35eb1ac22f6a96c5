import * as React from 'react';

import { Button, NumberField, SelectField } from '../components';
import { formatNumber } from '../format';
import { useStudio } from '../shell/context';
import { ListModel, useModels } from '../state';
import { CommandIDs } from '../tokens';
import type { RowPreview } from './preview';

const MOST = 200;

/** With which base model's tokenizer, and up to which length, the rows are looked at. */
export function Look({ preview }: { preview: RowPreview }): JSX.Element {
  const studio = useStudio();
  const { trans } = studio;
  const models = useBaseModels(preview);
  const chosen = models.items.find(item => item.id === preview.model);
  const context = chosen?.facts.context_length;
  React.useEffect(() => {
    if (context) {
      preview.fit(context);
    }
  }, [context]);
  const tooLong =
    context && preview.maxLength && preview.maxLength > context
      ? trans.__('The model reads %1 at most.', formatNumber(context))
      : null;
  if (models.loaded && !models.items.length) {
    return (
      <div className="jp-FtStudio-lookBar jp-FtStudio-muted">
        <span>
          {trans.__('Tokens and checks need the tokenizer of a base model.')}
        </span>
        <Button
          label={trans.__('Import a base model')}
          onClick={() => studio.execute(CommandIDs.importModel)}
        />
      </div>
    );
  }
  return (
    <div className="jp-FtStudio-lookBar">
      <SelectField
        label={trans.__('Base model')}
        hint={trans.__('Whose tokenizer and chat template are used.')}
        value={preview.model}
        placeholder={trans.__('Choose a base model')}
        choices={models.items.map(item => ({
          value: item.id,
          label: item.name
        }))}
        onChange={model => preview.look({ model })}
      />
      <NumberField
        label={trans.__('Max length')}
        hint={trans.__(
          'Longer rows are left out of training. A run has its own setting; this one is handed on to it.'
        )}
        unit={trans.__('tokens')}
        value={preview.maxLength}
        error={tooLong}
        placeholder={trans.__('No limit')}
        onChange={maxLength => preview.look({ maxLength })}
      />
    </div>
  );
}

/** The base models, whatever is searched for in the sidebar; the newest is looked with at first. */
function useBaseModels(preview: RowPreview) {
  const studio = useStudio();
  const models = React.useMemo(
    () => new ListModel(studio.api.models, {}, MOST),
    []
  );
  useModels(models);
  React.useEffect(() => {
    const update = async () => {
      await models.refresh(true);
      const known = models.items.some(item => item.id === preview.model);
      if (models.loaded && !known && models.items.length) {
        preview.look({ model: models.items[0].id });
      }
    };
    const again = () => void update();
    again();
    studio.models.changed.connect(again);
    return () => {
      studio.models.changed.disconnect(again);
    };
  }, []);
  return models;
}
