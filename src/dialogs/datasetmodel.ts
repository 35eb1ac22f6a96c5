import type { Contents } from '@jupyterlab/services';
import { UUID } from '@lumino/coreutils';

import type { Column, HubDatasetInfo, Peek } from '../api';
import { ApiError } from '../api';
import type { IFtStudio } from '../tokens';
import { folderName } from './browse';
import type { Values } from './datasetvalues';
import { EMPTY_VALUES, localSource, withSplits } from './datasetvalues';
import { FormModel } from './form';
import type { UploadProgress } from './upload';
import { uploadFiles } from './upload';

/**
 * The form of a dataset's import: what was chosen, a look into it, and uploads on the way.
 *
 * It outlives the dialog, which closes for questions; `dispose` ends what goes on.
 */
export class DatasetForm extends FormModel<Values> {
  constructor(
    private studio: IFtStudio,
    private contents: Contents.IManager
  ) {
    super(EMPTY_VALUES);
  }

  readonly requestId = UUID.uuid4();
  /** What the chosen files hold; null until they were looked into. */
  peek: Peek | null = null;
  peekError: ApiError | null = null;
  peeking = false;
  /** The hub dataset that was chosen. */
  info: HubDatasetInfo | null = null;
  infoError: ApiError | null = null;
  /** Files that are being sent; null when none are. */
  upload: UploadProgress | null = null;

  /** The columns of what was chosen, as far as they are known. */
  get columns(): Column[] {
    if (this.values.source === 'file') {
      return this.peek?.columns ?? [];
    }
    const { info, values } = this;
    const config = values.config
      ? info?.configs.find(item => item.name === values.config)
      : (info?.configs.find(item => item.default) ?? info?.configs[0]);
    return config?.columns ?? [];
  }

  /** Take files or folders of the server. */
  choose(paths: string[]): void {
    const kept = this.values.files.filter(file => file.path.trim());
    const fresh = paths.filter(path => kept.every(file => file.path !== path));
    const all = [...kept.map(file => file.path), ...fresh];
    this.set({ source: 'file', files: withSplits(all), columns: {} });
  }

  /** Send files from the reader's computer, then take them. */
  async uploadAndChoose(files: File[]): Promise<void> {
    this.set({ source: 'file' });
    const folder = this.studio.status.value?.uploads_path;
    if (this.upload || !folder || !files.length) {
      return;
    }
    const abort = (this._upload = new AbortController());
    const own = `${folder}/${UUID.uuid4().slice(0, 8)}`;
    this.tellUpload({ name: files[0].name, share: 0 });
    try {
      const paths = await uploadFiles(this.contents, files, own, {
        onProgress: progress => this.tellUpload(progress),
        signal: abort.signal
      });
      this._uploaded.push(...paths);
      this.choose(paths);
    } catch (reason) {
      if (!abort.signal.aborted) {
        this.update({ error: ApiError.from(reason) });
      }
    }
    this.tellUpload(null);
  }

  cancelUpload(): void {
    this._upload?.abort();
  }

  /** A path as people know it: of an upload, only the file's name. */
  shown(path: string): string {
    return this._uploaded.includes(path) ? folderName(path) : path;
  }

  /** Whether all that was chosen was uploaded for this import alone. */
  get isUpload(): boolean {
    const { files } = this.values;
    return files.every(file => this._uploaded.includes(file.path));
  }

  /** Look into the files as they are chosen now. */
  async look(): Promise<void> {
    const source = localSource(this.values);
    const turn = ++this._turn;
    if (!source) {
      this.told({ peek: null, peekError: null, peeking: false });
      return;
    }
    this.told({ peeking: true });
    try {
      const peek = await this.peekWith(source);
      if (turn === this._turn) {
        this.told({ peek, peekError: null, peeking: false });
      }
    } catch (reason) {
      if (turn === this._turn) {
        const peekError = ApiError.from(reason);
        this.told({ peek: null, peekError, peeking: false });
      }
    }
  }

  /**
   * Ask the hub about the dataset that is named. `sure` is false while somebody types: then one
   * word is a search, not an id, and what is known is not asked for again.
   */
  async ask(sure: boolean): Promise<void> {
    const { repo, revision } = this.values;
    const id = repo.trim();
    if (this.info?.id === id && !sure) {
      return;
    }
    const turn = ++this._turn;
    this.told({ info: null, infoError: null });
    if (!id || !(sure || /^[\w.-]+\/[\w.-]+$/.test(id))) {
      return;
    }
    try {
      const info = await this.studio.api.hub.dataset(id, revision.trim());
      if (turn === this._turn) {
        this.told({ info, infoError: null });
      }
    } catch (reason) {
      if (turn === this._turn) {
        this.told({ info: null, infoError: ApiError.from(reason) });
      }
    }
  }

  /** Ends what goes on; `forget` also removes what was uploaded for nothing. */
  dispose(forget: boolean): void {
    this._turn += 1;
    this.cancelUpload();
    if (forget) {
      for (const path of this._uploaded) {
        // Left behind, it is in the uploads folder for all to see.
        this.contents.delete(path).catch(() => undefined);
      }
    }
  }

  /** With columns of text in place of messages, where there are messages and that is wished. */
  private async peekWith(
    source: NonNullable<ReturnType<typeof localSource>>
  ): Promise<Peek> {
    const { api } = this.studio;
    const peek = await api.datasets.peek({ source });
    const { answers } = this.values;
    const conversation = peek.recognised?.conversation;
    if (!conversation || !answers) {
      return peek;
    }
    const flat = await api.datasets.peek({
      source,
      conversation: { ...conversation, answers }
    });
    return { ...flat, recognised: peek.recognised };
  }

  private tellUpload(upload: UploadProgress | null): void {
    this.told({ upload });
  }

  private told(
    state: Partial<
      Pick<
        DatasetForm,
        'peek' | 'peekError' | 'peeking' | 'info' | 'infoError' | 'upload'
      >
    >
  ): void {
    Object.assign(this, state);
    this.update({});
  }

  private _turn = 0;
  private _upload: AbortController | null = null;
  private _uploaded: string[] = [];
}
