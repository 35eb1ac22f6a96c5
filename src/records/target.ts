import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import type { RecordKind } from './kinds';

/** The object a command means: named by its arguments, or under the last right click. */
export function recordTarget(
  app: JupyterFrontEnd,
  args: ReadonlyPartialJSONObject
): { kind: RecordKind; id: string } {
  const node =
    typeof args.id === 'string'
      ? undefined
      : app.contextMenuHitTest(element => element.dataset.kind !== undefined);
  return {
    kind: String(args.kind ?? node?.dataset.kind) as RecordKind,
    id: String(args.id ?? node?.dataset.id ?? '')
  };
}
