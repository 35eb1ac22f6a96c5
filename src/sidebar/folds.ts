import type { IStateDB } from '@jupyterlab/statedb';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import * as React from 'react';

import { useModels } from '../state';

const KEY = 'ftstudio-ext:sidebar-folds';

/** Which sections are folded; kept with JupyterLab's own layout. */
export class Folds {
  constructor(private state: IStateDB | null) {}

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  async load(): Promise<void> {
    const saved = await this.state?.fetch(KEY);
    if (Array.isArray(saved)) {
      this.folded = new Set(saved.map(String));
      this._changed.emit();
    }
  }

  isOpen(id: string): boolean {
    return !this.folded.has(id);
  }

  set(id: string, open: boolean): void {
    if (open) {
      this.folded.delete(id);
    } else {
      this.folded.add(id);
    }
    void this.state?.save(KEY, [...this.folded]);
    this._changed.emit();
  }

  private folded = new Set<string>();
  private _changed = new Signal<this, void>(this);
}

export const FoldsContext = React.createContext(new Folds(null));

/** Whether a section is open, and how to change that. */
export function useFold(id: string): [boolean, (open: boolean) => void] {
  const folds = React.useContext(FoldsContext);
  useModels(folds);
  return [folds.isOpen(id), open => folds.set(id, open)];
}
