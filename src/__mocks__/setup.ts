/** What jsdom lacks and our components use. */
class NoResizeObserver {
  observe(): void {
    /* nothing ever resizes in jsdom */
  }
  unobserve(): void {
    /* as above */
  }
  disconnect(): void {
    /* as above */
  }
}

Object.defineProperty(globalThis, 'ResizeObserver', {
  value: NoResizeObserver,
  writable: true
});

Object.defineProperty(navigator, 'clipboard', {
  value: { writeText: async (): Promise<void> => undefined },
  configurable: true
});
