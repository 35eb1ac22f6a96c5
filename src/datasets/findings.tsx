import * as React from 'react';

import type { Dataset, Finding, RowRef } from '../api';
import { Button, Sentence } from '../components';
import { formatNumber } from '../format';
import { useStudio } from '../shell/context';
import type { ProfileModel } from './profile';
import { dataFixes } from './profile';
import type { RowAim } from './rows';

const SHOWN = 5;
const CUT = 60;

/** What is wrong with the rows, or may be, each with examples and the button that mends it. */
export function Findings(props: {
  dataset: Dataset;
  model: ProfileModel;
  onAim: (aim: RowAim) => void;
}): JSX.Element | null {
  const studio = useStudio();
  const { trans } = studio;
  const { model, onAim } = props;
  const { profile } = model;
  if (!profile) {
    return (
      <p className="jp-FtStudio-muted">
        {trans.__(
          'Not checked yet. A check looks for empty and repeated rows, for test rows among the training rows, and at what each column holds.'
        )}
      </p>
    );
  }
  if (!profile.findings.length) {
    return <p>{trans.__('Nothing was found that stands in the way.')}</p>;
  }
  const fixes = dataFixes(
    profile.findings.filter(finding => finding.level === 'warning')
  );
  const clean = async (key: string, chosen: typeof fixes) => {
    const made = await model.apply(key, chosen);
    if (made) {
      studio.openDataset(made.id);
    }
  };
  return (
    <>
      <ul
        className="jp-FtStudio-findings jp-FtStudio-checks"
        aria-label={trans.__('Findings')}
      >
        {profile.findings.map(finding => (
          <FindingItem
            {...props}
            key={finding.id}
            finding={finding}
            onAim={onAim}
            onClean={() => finding.fix && void clean(finding.id, [finding.fix])}
          />
        ))}
      </ul>
      {fixes.length > 1 && (
        <Button
          label={trans.__(
            'Apply the remedies of all %1 warnings',
            formatNumber(fixes.length)
          )}
          title={trans.__('Makes one cleaned copy; this dataset stays')}
          busy={model.busy === 'all'}
          onClick={() => void clean('all', fixes)}
        />
      )}
      <p className="jp-FtStudio-help">
        {trans.__(
          'A remedy makes a cleaned copy of the dataset, with its prompts. This one stays as it is.'
        )}
      </p>
    </>
  );
}

function FindingItem(props: {
  dataset: Dataset;
  model: ProfileModel;
  finding: Finding;
  onAim: (aim: RowAim) => void;
  onClean: () => void;
}): JSX.Element {
  const { trans } = useStudio();
  const { finding, onAim } = props;
  const word =
    finding.level === 'warning' ? trans.__('Warning') : trans.__('Note');
  return (
    <li data-level={finding.level} data-code={finding.code}>
      <span
        className="jp-FtStudio-checks-mark"
        role="img"
        aria-label={word}
        title={word}
      />
      <div className="jp-FtStudio-checks-words">
        <Sentence text={finding.message} />{' '}
        <span className="jp-FtStudio-help">
          <Sentence text={finding.remedy} />
        </span>
        {finding.rows.length > 0 && (
          <div className="jp-FtStudio-examples">
            <span className="jp-FtStudio-muted">{trans.__('For example')}</span>
            {finding.rows.slice(0, SHOWN).map(row => (
              <ExampleRow
                key={`${row.split}/${row.row}`}
                row={row}
                onClick={() =>
                  onAim({
                    split: row.split,
                    row: row.row,
                    column: finding.column
                  })
                }
              />
            ))}
          </div>
        )}
      </div>
      <FixButton {...props} />
    </li>
  );
}

function ExampleRow(props: { row: RowRef; onClick: () => void }): JSX.Element {
  const { trans } = useStudio();
  const { row } = props;
  const same =
    row.same_as === null
      ? ''
      : trans.__(
          'like %1 row %2',
          row.same_as_split ?? row.split,
          formatNumber(row.same_as + 1)
        );
  return (
    <Button
      kind="plain"
      className="jp-FtStudio-exampleRow"
      label={trans.__('%1 row %2', row.split, formatNumber(row.row + 1))}
      title={[row.text.slice(0, 4 * CUT), same].filter(Boolean).join('\n')}
      onClick={props.onClick}
    />
  );
}

function FixButton(props: {
  dataset: Dataset;
  model: ProfileModel;
  finding: Finding;
  onClean: () => void;
}): JSX.Element | null {
  const studio = useStudio();
  const { dataset, model, finding } = props;
  const { fix } = finding;
  if (!fix) {
    return null;
  }
  if (fix.kind === 'set_max_length') {
    const tokens = model.profile?.tokens;
    return (
      <Button
        label={fix.label ?? finding.remedy}
        title={studio.trans.__('In a new training run')}
        onClick={() =>
          studio.openTrain({
            dataset: dataset.name,
            base_model: tokens?.model_id,
            prompt: tokens?.prompt_id,
            max_length: String(fix.max_length ?? '')
          })
        }
      />
    );
  }
  return (
    <Button
      label={fix.label ?? finding.remedy}
      title={studio.trans.__('Makes a cleaned copy; this dataset stays')}
      busy={model.busy === finding.id}
      onClick={props.onClean}
    />
  );
}
