import type { ISignal } from '@lumino/signaling';
import { useEffect, useReducer } from 'react';

/** A model that says when it changed. */
interface IChanging {
  readonly changed: ISignal<unknown, unknown>;
}

/** Render again whenever one of the models changes. */
export function useModels(...models: IChanging[]): void {
  const [, again] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    const update = () => again();
    models.forEach(model => model.changed.connect(update));
    return () => {
      models.forEach(model => model.changed.disconnect(update));
    };
  }, models);
}
