import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { MemoryBytes, ModelFit } from '../api';
import { formatBytes } from '../format';
import { useStudio } from '../shell/context';

type Verdict = ModelFit['bits4'];

/** The word for whether training fits into free memory, everywhere the same. */
export function fitWord(fit: Verdict, trans: TranslationBundle): string {
  const words: Record<Verdict, string> = {
    fits: trans.__('fits'),
    tight: trans.__('tight'),
    too_large: trans.__('too large')
  };
  return words[fit];
}

/** The most precise way in which a model can be trained here, as a badge. */
export function FitBadge({ fit }: { fit: ModelFit }): JSX.Element {
  const { trans } = useStudio();
  const [bits, verdict] = bestFit(fit);
  const label =
    verdict === 'too_large'
      ? trans.__('too large')
      : trans.__('%1 in %2 bits', fitWord(verdict, trans), bits);
  return (
    <span
      className="jp-FtStudio-badge"
      data-fit={verdict}
      title={trans.__(
        'Against %1 free on %2. In 4 bits: %3, 8 bits: %4, 16 bits: %5',
        formatBytes(fit.free_bytes),
        fit.device,
        fitWord(fit.bits4, trans),
        fitWord(fit.bits8, trans),
        fitWord(fit.bits16, trans)
      )}
    >
      {label}
    </span>
  );
}

/** The widest precision that fits; a tight one only where none does. */
export function bestFit(fit: ModelFit): [bits: number, verdict: Verdict] {
  const all: [number, Verdict][] = [
    [16, fit.bits16],
    [8, fit.bits8],
    [4, fit.bits4]
  ];
  return (
    all.find(([, verdict]) => verdict === 'fits') ??
    all.find(([, verdict]) => verdict === 'tight') ?? [4, 'too_large']
  );
}

/** Memory of the weights at each precision, against what is free. */
export function MemoryTable(props: {
  memory: MemoryBytes;
  fit: ModelFit | null;
}): JSX.Element {
  const { trans } = useStudio();
  const { memory, fit } = props;
  const rows: [string, number, Verdict | undefined][] = [
    [trans.__('4 bits (QLoRA)'), memory.bits4, fit?.bits4],
    [trans.__('8 bits'), memory.bits8, fit?.bits8],
    [trans.__('16 bits (LoRA)'), memory.bits16, fit?.bits16]
  ];
  const most = Math.max(memory.bits16, fit?.free_bytes ?? 0, 1);
  return (
    <div className="jp-FtStudio-memory">
      <table>
        <thead>
          <tr>
            <th scope="col">{trans.__('Weights in')}</th>
            <th scope="col">{trans.__('Memory')}</th>
            <th scope="col" aria-label={trans.__('As a bar')} />
            <th scope="col">{fit ? trans.__('Training') : ''}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([label, bytes, verdict]) => (
            <tr key={label} data-fit={verdict}>
              <th scope="row">{label}</th>
              <td>
                {memory.exact ? '' : '≈ '}
                {formatBytes(bytes)}
              </td>
              <td>
                <span className="jp-FtStudio-meter">
                  <span style={{ width: `${(100 * bytes) / most}%` }} />
                </span>
              </td>
              <td>
                {verdict && (
                  <span className="jp-FtStudio-badge" data-fit={verdict}>
                    {fitWord(verdict, trans)}
                  </span>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {fit && (
        <p className="jp-FtStudio-help">
          {trans.__(
            '%1 are free on %2 now. Training needs more than the weights: the work of a small batch is counted in.',
            formatBytes(fit.free_bytes),
            fit.device
          )}
        </p>
      )}
    </div>
  );
}
