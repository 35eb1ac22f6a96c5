import type { StudioApi } from '../api';

/** Lines kept for reading here; the whole log lies in the run's folder. */
const MOST = 5_000;
const FIRST = 1_000;

/** The newest lines of a run's log, read by byte position. */
export class RunLog {
  constructor(
    private api: StudioApi,
    private id: string
  ) {}

  lines: string[] = [];
  /** Earlier lines exist that are not kept here. */
  cut = false;

  /** Read what was written since. */
  async refresh(): Promise<void> {
    const { jobs } = this.api;
    const options = { background: true };
    if (this._position === null) {
      const page = await jobs.log(this.id, { tail: FIRST }, options);
      this.cut = this.add(page.text) >= FIRST;
      this._position = page.position;
      return;
    }
    for (;;) {
      const after: number = this._position;
      const page = await jobs.log(this.id, { after }, options);
      this._position = page.position;
      this.add(page.text);
      if (page.position >= page.size || page.position <= after) {
        return;
      }
    }
  }

  /** Takes text up and answers how many lines there are now. */
  private add(text: string): number {
    if (text) {
      const all = this._rest + text;
      this._rest = '';
      const fresh = cleanLines(all);
      if (this._open && this.lines.length) {
        this.lines.pop();
      }
      this._open = !all.endsWith('\n');
      if (this._open) {
        this._rest = all.slice(all.lastIndexOf('\n') + 1);
      }
      this.lines = [...this.lines, ...fresh].slice(-MOST);
      this.cut ||= this.lines.length >= MOST;
    }
    return this.lines.length;
  }

  /** The last line has no end yet: a progress bar that still moves. */
  private _open = false;
  private _position: number | null = null;
  private _rest = '';
}

// Colours and cursor moves of terminals.
// eslint-disable-next-line no-control-regex
const ESCAPES = /\u001b\[[0-9;?]*[A-Za-z]/g;

/** Lines as a terminal would leave them: of a progress bar only its newest state. */
export function cleanLines(text: string): string[] {
  const lines = text.replace(ESCAPES, '').split('\n');
  if (lines[lines.length - 1] === '') {
    lines.pop();
  }
  return lines.map(
    line =>
      line
        .split('\r')
        .filter(part => part.trim())
        .pop() ?? ''
  );
}
