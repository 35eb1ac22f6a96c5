import { deleteIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { Button, fieldError, IconButton } from '../components';
import { formatNumber } from '../format';
import { useStudio } from '../shell/context';
import type { PromptModel } from './model';

/** As many as the server takes. */
const MOST = 16;

/** Solved rows in front of every question: how many there are, which, and one more. */
export function Examples({ model }: { model: PromptModel }): JSX.Element {
  const { trans } = useStudio();
  const { draft, error, preview } = model;
  const { examples } = draft;
  const problem = fieldError(error ?? preview.error, 'examples');
  return (
    <details className="jp-FtStudio-details" open={problem ? true : undefined}>
      <summary>
        {trans.__('Solved examples (%1)', formatNumber(examples.length))}
      </summary>
      <p className="jp-FtStudio-help">
        {trans.__(
          'Rows with their answers, in front of every question. They show the model what is wanted, and cost tokens in every row.'
        )}
      </p>
      <ul className="jp-FtStudio-links">
        {examples.map((example, index) => (
          <li key={index} className="jp-FtStudio-solved">
            <span title={JSON.stringify(example.values)}>
              {nameOf(example, trans)}
            </span>
            <IconButton
              icon={deleteIcon}
              label={trans.__('Remove the example %1', nameOf(example, trans))}
              onClick={() =>
                model.edit({
                  examples: examples.filter((_, at) => at !== index)
                })
              }
            />
          </li>
        ))}
      </ul>
      {problem && (
        <div className="jp-FtStudio-error" role="alert">
          {problem}
        </div>
      )}
      <AddShown model={model} />
    </details>
  );
}

/** The row that is seen on the right becomes an example. */
function AddShown({ model }: { model: PromptModel }): JSX.Element {
  const { trans } = useStudio();
  const { examples } = model.draft;
  const { answer } = model.preview;
  const known = examples.some(
    example => example.split === answer?.split && example.row === answer?.row
  );
  return (
    <Button
      label={
        answer
          ? trans.__('Add %1', nameOf(answer, trans))
          : trans.__('Add the row that is shown')
      }
      why={
        !answer
          ? trans.__('No row is shown yet')
          : known
            ? trans.__('This row is an example already')
            : examples.length >= MOST
              ? trans.__('%1 examples are the most', MOST)
              : null
      }
      onClick={() => void model.addExample()}
    />
  );
}

function nameOf(
  place: { split: string; row: number },
  trans: ReturnType<typeof useStudio>['trans']
): string {
  return trans.__('%1 · row %2', place.split, formatNumber(place.row + 1));
}
