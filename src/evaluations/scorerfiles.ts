import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { ScorerFile, ScorerFileView, StudioApi } from '../api';
import { ApiError } from '../api';

/** A file of Python that is read before one agrees to run it. */
export class ScorerReading {
  constructor(private api: StudioApi) {}

  path = '';
  /** What is read now, and not agreed to yet. */
  view: ScorerFileView | null = null;
  error: ApiError | null = null;
  busy = false;

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  setPath(path: string): void {
    this.path = path;
    this.view = null;
    this.error = null;
    this._changed.emit();
  }

  /** Fetch the file at `path`; a file named later wins. */
  async read(): Promise<void> {
    const path = this.path.trim();
    this.busy = true;
    this.error = null;
    this._changed.emit();
    try {
      const view = await this.api.evaluations.scorerFile(path);
      if (path === this.path.trim()) {
        this.view = view;
        this._metrics.set(view.sha256, metricsIn(view.text));
      }
    } catch (reason) {
      this.error = ApiError.from(reason);
    }
    this.busy = false;
    this._changed.emit();
  }

  /** The agreement to run exactly what is shown, beside the ones given before. */
  agree(files: ScorerFile[]): ScorerFile[] {
    const { view } = this;
    if (!view) {
      return files;
    }
    const { path, sha256 } = view;
    this.setPath('');
    return [...files.filter(file => file.path !== path), { path, sha256 }];
  }

  /** Names of the metrics of files that were read here. */
  metrics(files: ScorerFile[]): string[] {
    return files.flatMap(file => this._metrics.get(file.sha256) ?? []);
  }

  dispose(): void {
    Signal.clearData(this);
  }

  private _changed = new Signal<this, void>(this);
  private _metrics = new Map<string, string[]>();
}

/** Functions `score_<name>` give a metric each; what classes give is known when they run. */
export function metricsIn(text: string): string[] {
  return [...text.matchAll(/^def\s+score_(\w+)\s*\(/gm)].map(found => found[1]);
}
