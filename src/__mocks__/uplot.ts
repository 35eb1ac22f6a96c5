/** Stands in for uPlot, which needs a real canvas; keeps what it was given. */
export default class MockUPlot {
  static paths = { spline: (): (() => null) => () => null };
  data: unknown;
  readonly root = document.createElement('div');

  constructor(
    public opts: unknown,
    data: unknown,
    target?: HTMLElement
  ) {
    this.data = data;
    target?.appendChild(this.root);
  }

  setData(data: unknown): void {
    this.data = data;
  }

  setSize(): void {
    /* no layout in jsdom */
  }

  setSeries(): void {
    /* nothing is drawn */
  }

  setScale(): void {
    /* nothing is drawn */
  }

  redraw(): void {
    /* nothing is drawn */
  }

  destroy(): void {
    this.root.remove();
  }
}
