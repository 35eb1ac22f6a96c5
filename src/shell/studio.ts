import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Menu } from '@lumino/widgets';

import { ApiClient, StudioApi } from '../api';
import { ListModel, Live, StatusModel } from '../state';
import type {
  CompareArgs,
  EvaluateArgs,
  IFtStudio,
  TrainArgs
} from '../tokens';
import { CommandIDs } from '../tokens';
import { Messages } from './messages';

/** The studio's front half, made once per JupyterLab. */
export class FtStudio implements IFtStudio {
  constructor(
    private app: JupyterFrontEnd,
    readonly trans: TranslationBundle
  ) {
    const { serviceManager } = app;
    this.api = new StudioApi(new ApiClient(serviceManager.serverSettings));
    this.messages = new Messages(trans);
    this.status = new StatusModel(this.api);
    this.jobs = new ListModel(this.api.jobs, { type: 'train' });
    this.datasets = new ListModel(this.api.datasets);
    this.models = new ListModel(this.api.models);
    this.adapters = new ListModel(this.api.adapters);
    this.prompts = new ListModel(this.api.prompts);
    this.comparisons = new ListModel(this.api.comparisons);
    this.evaluations = new ListModel(this.api.evaluations);
    this.live = new Live({
      jobs: this.jobs,
      status: this.status,
      others: [
        this.datasets,
        this.models,
        this.adapters,
        this.prompts,
        this.comparisons,
        this.evaluations
      ],
      events: serviceManager.events
    });
  }

  readonly api: StudioApi;
  readonly messages: Messages;
  readonly live: Live;
  readonly status: StatusModel;
  readonly jobs: IFtStudio['jobs'];
  readonly datasets: IFtStudio['datasets'];
  readonly models: IFtStudio['models'];
  readonly adapters: IFtStudio['adapters'];
  readonly prompts: IFtStudio['prompts'];
  readonly comparisons: IFtStudio['comparisons'];
  readonly evaluations: IFtStudio['evaluations'];

  execute(command: string, args: Record<string, string> = {}): void {
    this.app.commands.execute(command, args).catch(reason => {
      this.messages.error(reason);
    });
  }

  menu(commands: string[], anchor: Element): void {
    this._menu?.dispose();
    const menu = (this._menu = new Menu({ commands: this.app.commands }));
    commands.forEach(command => menu.addItem({ command }));
    const place = anchor.getBoundingClientRect();
    menu.open(place.left, place.bottom);
  }

  openTrain(args: TrainArgs = {}): void {
    this.execute(CommandIDs.newRun, args);
  }

  openRun(id: string): void {
    this.execute(CommandIDs.openRun, { id });
  }

  openDataset(id: string): void {
    this.execute(CommandIDs.openDataset, { id });
  }

  openModel(id: string): void {
    this.execute(CommandIDs.openModel, { id });
  }

  openAdapter(id: string): void {
    this.execute(CommandIDs.openAdapter, { id });
  }

  openPrompt(id: string): void {
    this.execute(CommandIDs.openPrompt, { id });
  }

  openCompare(args: CompareArgs = {}): void {
    this.execute(CommandIDs.compare, args);
  }

  newEvaluation(args: EvaluateArgs = {}): void {
    this.execute(CommandIDs.newEvaluation, args);
  }

  openEvaluation(id: string): void {
    this.execute(CommandIDs.openEvaluation, { id });
  }

  /** Set by the plugin of the import dialogs. */
  importFiles: IFtStudio['importFiles'] = async () => undefined;

  newPrompt(dataset?: string): void {
    this.execute(CommandIDs.newPrompt, dataset ? { dataset } : {});
  }

  private _menu: Menu | null = null;
}
