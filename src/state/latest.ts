/** Of questions asked again and again, only the newest is worth an answer. */
export class Latest {
  /** False while a question waits for its answer. */
  get idle(): boolean {
    return this._abort === null;
  }

  /** Run a task and give up the one before it; `aborted` says that this one was given up. */
  async run(task: (signal: AbortSignal) => Promise<void>): Promise<void> {
    this.cancel();
    const abort = (this._abort = new AbortController());
    try {
      await task(abort.signal);
    } finally {
      if (this._abort === abort) {
        this._abort = null;
      }
    }
  }

  cancel(): void {
    this._abort?.abort();
    this._abort = null;
  }

  private _abort: AbortController | null = null;
}
