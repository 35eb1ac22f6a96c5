import * as React from 'react';

import type { Choice } from '../components';
import { useStudio } from '../shell/context';

/** Where something comes from: a row of radio buttons. */
export function SourceSwitch(props: {
  value: string;
  choices: Choice[];
  onChange: (value: string) => void;
}): JSX.Element {
  const { trans } = useStudio();
  const name = React.useId();
  return (
    <fieldset className="jp-FtStudio-switch">
      <legend>{trans.__('From')}</legend>
      {props.choices.map(choice => (
        <label key={choice.value}>
          <input
            type="radio"
            name={name}
            checked={choice.value === props.value}
            onChange={() => props.onChange(choice.value)}
          />
          {choice.label}
        </label>
      ))}
    </fieldset>
  );
}
