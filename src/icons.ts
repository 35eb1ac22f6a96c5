import { LabIcon } from '@jupyterlab/ui-components';

/** An icon of 24 by 24 in the theme's colours. */
function icon(name: string, body: string): LabIcon {
  const svgstr = `<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16" viewBox="0 0 24 24"><g class="jp-icon3" fill="#616161">${body}</g></svg>`;
  return new LabIcon({ name: `ftstudio:${name}`, svgstr });
}

/** Three sliders: the studio itself. */
export const studioIcon = icon(
  'studio',
  '<path d="M3 5h9.2a3 3 0 0 1 5.6 0H21v2h-3.2a3 3 0 0 1-5.6 0H3zm0 6h2.2a3 3 0 0 1 5.6 0H21v2H10.8a3 3 0 0 1-5.6 0H3zm0 6h8.2a3 3 0 0 1 5.6 0H21v2h-4.2a3 3 0 0 1-5.6 0H3z"/>'
);

/** A falling curve in a frame. */
export const runIcon = icon(
  'run',
  '<path d="M3 3h2v16h16v2H3z"/><path d="M7.2 5.1l1.9-.6c1.3 4.3 2.3 6.9 4 8.5 1.6 1.5 3.8 2.2 7.9 2.5v2c-4.5-.3-7.2-1.1-9.3-3.1-2.1-2-3.2-5-4.5-9.3z"/>'
);

/** A table. */
export const datasetIcon = icon(
  'dataset',
  '<path d="M3 4h18v16H3zm2 2v3h14V6zm0 5v3h4v-3zm6 0v3h8v-3zm-6 5v2h4v-2zm6 0v2h8v-2z" fill-rule="evenodd"/>'
);

/** Layers. */
export const modelIcon = icon(
  'model',
  '<path d="M12 2.5l10 5-10 5-10-5zm0 2.3L6.5 7.5l5.5 2.7 5.5-2.7z" fill-rule="evenodd"/><path d="M4.2 11L2 12.1l10 5 10-5L19.8 11 12 14.9zm0 4.5L2 16.6l10 5 10-5-2.2-1.1L12 19.4z"/>'
);

/** A small piece beside a large one. */
export const adapterIcon = icon(
  'adapter',
  '<path d="M3 3h11v5h-2V5H5v14h7v-3h2v5H3z"/><path d="M15 8h6v8h-6v-3H9v-2h6zm2 2v4h2v-4z" fill-rule="evenodd"/>'
);

/** A speech bubble with a blank to fill in. */
export const promptIcon = icon(
  'prompt',
  '<path d="M3 3h18v14H9l-6 5zm2 2v12.7L8.3 15H19V5z" fill-rule="evenodd"/><path d="M7 7.5h10v1.8H7zm0 3.2h2v1.8H7zm4 0h6v1.8h-6z"/>'
);

/** A die: another row at random. */
export const randomIcon = icon(
  'random',
  '<path d="M5 3h14a2 2 0 0 1 2 2v14a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2zm0 2v14h14V5z" fill-rule="evenodd"/><circle cx="8.5" cy="8.5" r="1.6"/><circle cx="15.5" cy="15.5" r="1.6"/><circle cx="12" cy="12" r="1.6"/><circle cx="15.5" cy="8.5" r="1.6"/><circle cx="8.5" cy="15.5" r="1.6"/>'
);

/** Two pages side by side. */
export const compareIcon = icon(
  'compare',
  '<path d="M3 4h8v16H3zm2 2v12h4V6zm8-2h8v16h-8zm2 2v12h4V6z" fill-rule="evenodd"/><path d="M6 8h2v1.6H6zm0 3h2v1.6H6zm10-3h2v1.6h-2zm0 3h2v1.6h-2zm0 3h2v1.6h-2z"/>'
);

/** A bar chart with a tick: what was measured, and proved. */
export const evaluationIcon = icon(
  'evaluation',
  '<path d="M3 20h18v2H3zM4 12h3v6H4zm6-4h3v10h-3zm6 2h3v8h-3z"/><path d="M13.6 4.4l1.4-1.4 2 2L20.6 1.4 22 2.8 17 7.8z"/>'
);
