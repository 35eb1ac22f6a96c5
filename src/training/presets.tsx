import { InputDialog } from '@jupyterlab/apputils';
import * as React from 'react';

import type { Preset } from '../api';
import { Button, SelectField } from '../components';
import { useStudio } from '../shell/context';
import type { TrainForm } from './form';
import type { TrainModel } from './model';

const KINDS: readonly Preset['kind'][] = ['training', 'lora', 'quantization'];

/** Fills the form from named settings, and keeps the present ones under a name. */
export function Presets(props: {
  model: TrainModel;
  form: TrainForm;
}): JSX.Element {
  const { model, form } = props;
  const studio = useStudio();
  const { trans } = studio;
  const [chosen, setChosen] = React.useState('');
  const presets = KINDS.flatMap(kind =>
    model.choices.presets.filter(preset => preset.kind === kind)
  );
  const preset = presets.find(item => item.id === chosen);
  return (
    <SelectField
      className="jp-FtStudio-presets"
      label={trans.__('Preset')}
      value={chosen}
      placeholder={trans.__('Settings of the last run')}
      help={preset?.description || undefined}
      choices={presets.map(item => ({
        value: item.id,
        label: item.name,
        title: item.description
      }))}
      onChange={id => {
        setChosen(id);
        applyPreset(
          form,
          presets.find(item => item.id === id)
        );
      }}
      after={
        <Button
          label={trans.__('Save as preset…')}
          why={
            form.invalid().length
              ? trans.__('Correct the marked fields first.')
              : null
          }
          onClick={() => {
            savePreset().catch(reason => studio.messages.error(reason));
          }}
        />
      }
    />
  );

  async function savePreset(): Promise<void> {
    const answer = await InputDialog.getText({
      title: trans.__('Save these settings as a preset'),
      label: trans.__('Name'),
      okLabel: trans.__('Save')
    });
    const name = answer.value?.trim();
    if (!answer.button.accept || !name) {
      return;
    }
    const made = await studio.api.presets.create({
      name,
      kind: 'training',
      config: form.settings()
    });
    await model.choices.refresh();
    setChosen(made.id);
    studio.messages.success(trans.__('Saved the preset “%1”.', made.name));
  }
}

function applyPreset(form: TrainForm, preset: Preset | undefined): void {
  if (preset?.kind === 'training') {
    form.resetSettings();
    form.apply(preset.config);
  } else if (preset) {
    form.apply({ [preset.kind]: preset.config });
  }
}
