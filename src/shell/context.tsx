import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { IFtStudio } from '../tokens';

const StudioContext = React.createContext<IFtStudio | null>(null);

/** The studio, inside any of its components. */
export function useStudio(): IFtStudio {
  const studio = React.useContext(StudioContext);
  if (!studio) {
    throw new Error('useStudio needs a StudioProvider above it');
  }
  return studio;
}

/** Hands the studio to all components below. */
export function StudioProvider(props: {
  studio: IFtStudio;
  children: React.ReactNode;
}): JSX.Element {
  return (
    <StudioContext.Provider value={props.studio}>
      {props.children}
    </StudioContext.Provider>
  );
}

/** A widget that renders an element which may use the studio. */
export class StudioWidget extends ReactWidget {
  constructor(
    private studio: IFtStudio,
    private element: JSX.Element
  ) {
    super();
    this.addClass('jp-FtStudio');
  }

  protected override render(): JSX.Element {
    return <StudioProvider studio={this.studio}>{this.element}</StudioProvider>;
  }
}
