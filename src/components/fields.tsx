import * as React from 'react';

/** What a Field hands to the input inside of it. */
export type InputProps = {
  id: string;
  'aria-describedby'?: string;
  'aria-invalid'?: boolean;
  'aria-required'?: boolean;
};

export type FieldProps = {
  label: string;
  /** Always visible below the input. */
  help?: React.ReactNode;
  /** On hover over the label: the recommended value, and why. */
  hint?: string;
  error?: string | null;
  unit?: string;
  required?: boolean;
  className?: string;
  children: (input: InputProps) => React.ReactNode;
};

/** A label tied to its input, with unit, help and error. */
export function Field(props: FieldProps): JSX.Element {
  const id = React.useId();
  const described = [
    props.help ? `${id}-help` : '',
    props.error ? `${id}-error` : ''
  ].filter(Boolean);
  return (
    <div
      className={`jp-FtStudio-field ${props.error ? 'jp-FtStudio-mod-error' : ''} ${props.className ?? ''}`}
    >
      <label htmlFor={id} title={props.hint}>
        {props.label}
        {props.required && (
          <span className="jp-FtStudio-required" aria-hidden="true">
            {' *'}
          </span>
        )}
      </label>
      <div className="jp-FtStudio-input">
        {props.children({
          id,
          'aria-describedby': described.join(' ') || undefined,
          'aria-invalid': props.error ? true : undefined,
          'aria-required': props.required || undefined
        })}
        {props.unit && <span className="jp-FtStudio-unit">{props.unit}</span>}
      </div>
      {props.error && (
        <div id={`${id}-error`} className="jp-FtStudio-error" role="alert">
          {props.error}
        </div>
      )}
      {props.help && (
        <div id={`${id}-help`} className="jp-FtStudio-help">
          {props.help}
        </div>
      )}
    </div>
  );
}

type ValueProps<T> = Omit<FieldProps, 'children'> & {
  value: T;
  onChange: (value: T) => void;
  placeholder?: string;
  disabled?: boolean;
};

/** A line of text. */
export function TextField(
  props: ValueProps<string> & {
    autoFocus?: boolean;
    /** A password is not shown, and not offered to be remembered. */
    type?: 'text' | 'password' | 'search';
    /** Stands to the right of the input, for example a browse button. */
    after?: React.ReactNode;
  }
): JSX.Element {
  return (
    <Field {...props}>
      {input => (
        <>
          <input
            {...input}
            type={props.type ?? 'text'}
            autoComplete={props.type === 'password' ? 'off' : undefined}
            className="jp-mod-styled"
            spellCheck={false}
            autoFocus={props.autoFocus}
            value={props.value}
            placeholder={props.placeholder}
            disabled={props.disabled}
            onChange={event => props.onChange(event.target.value)}
          />
          {props.after}
        </>
      )}
    </Field>
  );
}

/** Text of several lines, in the code font. */
export const TextAreaField = React.forwardRef<
  HTMLTextAreaElement,
  ValueProps<string> & { rows?: number }
>((props, ref) => (
  <Field {...props}>
    {input => (
      <textarea
        {...input}
        ref={ref}
        className="jp-mod-styled jp-FtStudio-code"
        spellCheck={false}
        rows={props.rows ?? 6}
        value={props.value}
        placeholder={props.placeholder}
        disabled={props.disabled}
        onChange={event => props.onChange(event.target.value)}
      />
    )}
  </Field>
));
TextAreaField.displayName = 'TextAreaField';

/** A number, kept as the text that was typed: `1e-` on the way to `1e-4` is not an error yet. */
export function NumberField(
  props: ValueProps<number | null> & { min?: number; max?: number }
): JSX.Element {
  const [text, setText] = React.useState(show(props.value));
  React.useEffect(() => {
    setText(old => (parse(old) === props.value ? old : show(props.value)));
  }, [props.value]);
  return (
    <Field {...props}>
      {input => (
        <input
          {...input}
          type="text"
          inputMode="decimal"
          className="jp-mod-styled jp-FtStudio-number"
          value={text}
          placeholder={props.placeholder}
          disabled={props.disabled}
          onChange={event => {
            setText(event.target.value);
            props.onChange(parse(event.target.value));
          }}
          onBlur={() => setText(show(props.value))}
        />
      )}
    </Field>
  );
}

function show(value: number | null): string {
  return value === null || Number.isNaN(value) ? '' : String(value);
}

function parse(text: string): number | null {
  const cleaned = text.trim().replace(/,/g, '');
  const value = Number(cleaned);
  return cleaned === '' || Number.isNaN(value) ? null : value;
}

export type Choice = {
  value: string;
  label: string;
  title?: string;
  disabled?: boolean;
};

/** One of several. */
export function SelectField(
  props: ValueProps<string> & { choices: Choice[]; after?: React.ReactNode }
): JSX.Element {
  const known = props.choices.some(choice => choice.value === props.value);
  return (
    <Field {...props}>
      {input => (
        <>
          <span className="jp-FtStudio-select jp-select-wrapper">
            <select
              {...input}
              className="jp-mod-styled"
              value={known ? props.value : ''}
              disabled={props.disabled}
              onChange={event => props.onChange(event.target.value)}
            >
              {!known && (
                <option value="" disabled hidden>
                  {props.placeholder ?? ''}
                </option>
              )}
              {props.choices.map(choice => (
                <option
                  key={choice.value}
                  value={choice.value}
                  title={choice.title}
                  disabled={choice.disabled}
                >
                  {choice.label}
                </option>
              ))}
            </select>
          </span>
          {props.after}
        </>
      )}
    </Field>
  );
}

/** Yes or no; the label stands behind the box. */
export function CheckboxField(props: ValueProps<boolean>): JSX.Element {
  const id = React.useId();
  return (
    <div className={`jp-FtStudio-checkbox ${props.className ?? ''}`}>
      <input
        id={id}
        type="checkbox"
        checked={props.value}
        disabled={props.disabled}
        aria-describedby={props.help ? `${id}-help` : undefined}
        onChange={event => props.onChange(event.target.checked)}
      />
      <label htmlFor={id} title={props.hint}>
        {props.label}
      </label>
      {props.help && (
        <div id={`${id}-help`} className="jp-FtStudio-help">
          {props.help}
        </div>
      )}
    </div>
  );
}
