import * as React from 'react';

import { Field } from '../components';
import { piecesOf } from './pieces';

export type TemplateFieldProps = {
  label: string;
  hint?: string;
  required?: boolean;
  error?: string | null;
  value: string;
  /** Placeholders of other columns are marked as unknown. */
  columns: readonly string[];
  rows: number;
  onChange: (value: string) => void;
  /** The caret is in this editor now. */
  onCaret: (node: HTMLTextAreaElement) => void;
};

/**
 * An editor of a template, as high as its text. The colours come from a copy of the text behind
 * it, letter upon letter; the input itself is a plain one, with all that browsers can do.
 */
export function TemplateField(props: TemplateFieldProps): JSX.Element {
  const { label, hint, required, error, value, rows } = props;
  return (
    <Field label={label} hint={hint} required={required} error={error}>
      {input => (
        <div
          className="jp-FtStudio-template"
          style={{ '--jp-FtStudio-rows': rows } as React.CSSProperties}
        >
          <pre aria-hidden="true">
            {piecesOf(value, props.columns).map((piece, index) =>
              piece.kind === 'text' ? (
                piece.text
              ) : (
                <mark key={index} data-kind={piece.kind}>
                  {piece.text}
                </mark>
              )
            )}
            {'\n'}
          </pre>
          <textarea
            {...input}
            className="jp-mod-styled jp-FtStudio-code"
            spellCheck={false}
            value={value}
            onFocus={event => props.onCaret(event.currentTarget)}
            onChange={event => props.onChange(event.target.value)}
          />
        </div>
      )}
    </Field>
  );
}
