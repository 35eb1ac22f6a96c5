import { ellipsesIcon, refreshIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { Button, IconButton } from '../components';
import { useStudio } from '../shell/context';
import { CommandIDs } from '../tokens';
import { Comparisons } from './comparisons';
import { Datasets } from './datasets';
import { Devices } from './devices';
import { Evaluations } from './evaluations';
import type { Folds } from './folds';
import { FoldsContext } from './folds';
import { Models } from './models';
import { Prompts } from './prompts';
import { Runs } from './runs';

const MENU = [
  CommandIDs.importDataset,
  CommandIDs.importModel,
  CommandIDs.importAdapter,
  CommandIDs.hubToken
];

/** The sidebar: everything the studio knows, and the way into each tab. */
export function Sidebar({ folds }: { folds: Folds }): JSX.Element {
  const studio = useStudio();
  const { trans } = studio;
  return (
    <FoldsContext.Provider value={folds}>
      <div className="jp-FtStudio-sidebarHead">
        <h2>{trans.__('Fine-tuning Studio')}</h2>
        <IconButton
          icon={refreshIcon}
          label={trans.__('Refresh')}
          onClick={() => void studio.live.refresh()}
        />
        <IconButton
          icon={ellipsesIcon}
          label={trans.__('More')}
          onClick={event => studio.menu(MENU, event.currentTarget)}
        />
      </div>
      <Devices />
      <div className="jp-FtStudio-primary">
        <Button
          kind="primary"
          label={trans.__('New training run')}
          onClick={() => studio.openTrain()}
        />
      </div>
      <div className="jp-FtStudio-sections">
        <Runs />
        <Datasets />
        <Models />
        <Prompts />
        <Evaluations />
        <Comparisons />
      </div>
    </FoldsContext.Provider>
  );
}
