import * as React from 'react';

import { CheckboxField, SelectField } from '../components';
import { useStudio } from '../shell/context';
import type { IPathPicker } from '../dialogs/browse';
import type { EvaluationForm } from './form';
import { OwnScorers } from './ownscorers';

/** How answers are judged: what fits the data is chosen, and can be chosen otherwise. */
export function ScorerChoices(props: {
  form: EvaluationForm;
  picker: IPathPicker | null;
}): JSX.Element {
  const { form, picker } = props;
  const { trans } = useStudio();
  const { draft, scorers } = form;
  if (!scorers) {
    return (
      <p className="jp-FtStudio-help">
        {draft.dataset && draft.prompt
          ? trans.__('Looking for scorers that fit…')
          : trans.__('Scorers are chosen by dataset and prompt.')}
      </p>
    );
  }
  const used = scorers.items.filter(scorer =>
    draft.scorers
      ? draft.scorers.includes(scorer.name)
      : scorer.suggested && scorer.available
  );
  const names = used.map(scorer => scorer.name);
  const metrics = used.flatMap(scorer => scorer.metrics);
  const own = form.reading.metrics(draft.scorer_files);
  const titles = [...used.map(scorer => scorer.title), ...own.map(named)];
  return (
    <>
      <details className="jp-FtStudio-advanced">
        <summary>
          {trans.__('Judged by: %1', titles.join(', ') || trans.__('nothing'))}
        </summary>
        <div className="jp-FtStudio-choices jp-FtStudio-scorers">
          {scorers.items.map(scorer => (
            <CheckboxField
              key={scorer.name}
              label={scorer.title}
              hint={scorer.description}
              help={scorer.problem ?? scorer.reason}
              disabled={!scorer.available}
              value={names.includes(scorer.name)}
              onChange={wanted =>
                form.set({
                  scorers: wanted
                    ? [...names, scorer.name]
                    : names.filter(name => name !== scorer.name)
                })
              }
            />
          ))}
        </div>
        <OwnScorers form={form} picker={picker} />
        {form.problem('scorers') && (
          <p className="jp-FtStudio-error" role="alert">
            {form.problem('scorers')}
          </p>
        )}
      </details>
      <SelectField
        label={trans.__('Metric of the verdict')}
        value={draft.primary_metric}
        error={form.problem('primary_metric')}
        choices={[
          { value: '', label: trans.__('the strictest that fits') },
          ...metrics.map(metric => ({
            value: metric.key,
            label: metric.title,
            title: metric.description
          })),
          ...own.map(name => ({ value: name, label: named(name) }))
        ]}
        onChange={primary_metric => form.set({ primary_metric })}
      />
    </>
  );
}

/** `is_polite` as the server titles it: "Is polite". */
function named(metric: string): string {
  const words = metric.replace(/_/g, ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
