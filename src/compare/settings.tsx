import * as React from 'react';

import type { GenerationSettings, Preset } from '../api';
import type { Choice } from '../components';
import { CheckboxField, NumberField, SelectField } from '../components';
import { useStudio } from '../shell/context';
import type { Precision } from './draft';
import { settingsWords } from './heads';
import type { CompareModel } from './model';

/** How the models write: common to all columns that have no settings of their own. */
export function Settings({ model }: { model: CompareModel }): JSX.Element {
  const { trans } = useStudio();
  const { draft } = model;
  const precisions: [Precision, string][] = [
    ['auto', trans.__('As trained')],
    ['4-bit', trans.__('4-bit')],
    ['8-bit', trans.__('8-bit')],
    ['16-bit', trans.__('16-bit')],
    ['32-bit', trans.__('32-bit')]
  ];
  return (
    <section
      className="jp-FtStudio-compare-settings"
      aria-label={trans.__('Generation settings')}
    >
      <div className="jp-FtStudio-compare-style">
        <PresetPicker model={model} />
        <SelectField
          label={trans.__('Precision')}
          hint={trans.__('How the base model’s weights are held in memory')}
          value={draft.precision}
          choices={precisions.map(([value, label]) => ({ value, label }))}
          onChange={value => model.edit({ precision: value as Precision })}
        />
        <NumberField
          label={trans.__('Max new tokens')}
          hint={trans.__('An answer ends here at the latest')}
          value={draft.generation.max_new_tokens ?? null}
          onChange={count => {
            if (count !== null) {
              const { generation } = draft;
              model.edit({
                generation: { ...generation, max_new_tokens: count }
              });
            }
          }}
        />
      </div>
      <details className="jp-FtStudio-details">
        <summary>{settingsWords(draft.generation, trans)}</summary>
        <GenerationFields
          value={draft.generation}
          onChange={generation => model.edit({ generation })}
        />
      </details>
      <div className="jp-FtStudio-compare-switches">
        <CheckboxField
          label={trans.__('Blind')}
          hint={trans.__('Hides and shuffles the names until you have voted')}
          value={draft.blind}
          onChange={blind => model.edit({ blind })}
        />
        <CheckboxField
          label={trans.__('Exact')}
          hint={trans.__(
            'One answer at a time, so that none depends on what else is in the batch; slower'
          )}
          value={draft.exact}
          onChange={exact => model.edit({ exact })}
        />
      </div>
    </section>
  );
}

function PresetPicker({ model }: { model: CompareModel }): JSX.Element {
  const { trans } = useStudio();
  const { draft, choices } = model;
  const presets = choices.presets.filter(item => item.kind === 'generation');
  const chosen = presets.find(item => matches(item, draft.generation));
  return (
    <SelectField
      label={trans.__('Settings')}
      value={chosen?.id ?? ''}
      placeholder={trans.__('Custom')}
      choices={presets.map(
        (item): Choice => ({
          value: item.id,
          label: item.name,
          title: item.description
        })
      )}
      onChange={id => {
        const found = presets.find(item => item.id === id);
        if (found) {
          // How long an answer may be is the question's matter, not the style's.
          const { max_new_tokens } = draft.generation;
          const generation = { ...found.config, max_new_tokens };
          model.edit({ generation: generation as GenerationSettings });
        }
      }}
    />
  );
}

const STYLE = ['temperature', 'top_p', 'top_k', 'repetition_penalty'] as const;

/** Whether settings write as a preset does, whatever the length and the seed. */
export function matches(
  { config }: Preset,
  settings: GenerationSettings
): boolean {
  return STYLE.every(name => config[name] === settings[name]);
}

type NumberName = Exclude<keyof GenerationSettings, 'advanced'>;

/** The numbers behind a style of writing; with `length`, how long an answer may be too. */
export function GenerationFields(props: {
  value: GenerationSettings;
  onChange: (value: GenerationSettings) => void;
  length?: boolean;
}): JSX.Element {
  const { trans } = useStudio();
  const { value, onChange } = props;
  const fields: [NumberName, string, string][] = [
    [
      'max_new_tokens',
      trans.__('Max new tokens'),
      trans.__('An answer ends here at the latest')
    ],
    [
      'temperature',
      trans.__('Temperature'),
      trans.__('0 always takes the likeliest token')
    ],
    ['top_p', trans.__('Top p'), trans.__('1 keeps all tokens')],
    ['top_k', trans.__('Top k'), trans.__('0 keeps all tokens')],
    [
      'repetition_penalty',
      trans.__('Repetition penalty'),
      trans.__('1 is none')
    ],
    ['seed', trans.__('Seed'), trans.__('The same seed, the same answers')]
  ];
  return (
    <div className="jp-FtStudio-compare-numbers">
      {fields.slice(props.length ? 0 : 1).map(([name, label, hint]) => (
        <NumberField
          key={name}
          label={label}
          hint={hint}
          value={value[name] ?? null}
          onChange={number => {
            if (number !== null) {
              onChange({ ...value, [name]: number });
            }
          }}
        />
      ))}
    </div>
  );
}
