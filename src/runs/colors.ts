import * as React from 'react';

/** The present value of a JupyterLab colour. */
export function cssColor(variable: string): string {
  return getComputedStyle(document.body).getPropertyValue(variable).trim();
}

/** Font of axis labels. */
export function cssFont(): string {
  return `11px ${cssColor('--jp-ui-font-family') || 'sans-serif'}`;
}

/** Call back when JupyterLab's theme changes, once its colours are there. */
export function useTheme(changed: () => void): void {
  const latest = React.useRef(changed);
  latest.current = changed;
  React.useEffect(() => {
    const observer = new MutationObserver(() => {
      requestAnimationFrame(() => latest.current());
    });
    observer.observe(document.body, {
      attributes: true,
      attributeFilter: ['data-jp-theme-name', 'data-jp-theme-light']
    });
    return () => observer.disconnect();
  }, []);
}
