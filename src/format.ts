import type { TranslationBundle } from '@jupyterlab/translation';

/** Three significant digits, thousands separated: 12,345 · 0.412 · 2e-4. */
export function formatNumber(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) {
    return '–';
  }
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e15) {
    return value.toLocaleString('en-US');
  }
  if (size < 1e-3 || size >= 1e6) {
    return value
      .toExponential(2)
      .replace(/\.?0+e/, 'e')
      .replace('e+', 'e');
  }
  return Number(value.toPrecision(3)).toLocaleString('en-US', {
    maximumSignificantDigits: 3
  });
}

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** Bytes in decimal units, as the file browser shows them. */
export function formatBytes(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined) {
    return '–';
  }
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 ? value : Number(value.toPrecision(3));
  return `${digits} ${UNITS[unit]}`;
}

/** A count of parameters or rows in few characters: 135M, 7.25B, 100k. */
export function formatCount(value: number | null | undefined): string {
  if (value === null || value === undefined) {
    return '–';
  }
  for (const [size, unit] of [
    [1e12, 'T'],
    [1e9, 'B'],
    [1e6, 'M'],
    [1e4, 'k']
  ] as const) {
    if (value >= size) {
      const shown = unit === 'k' ? value / 1e3 : value / size;
      return `${Number(shown.toPrecision(3))}${unit}`;
    }
  }
  return formatNumber(value);
}

/** A share between 0 and 1 as whole percent. */
export function formatPercent(share: number): string {
  return `${Math.floor(share * 100)} %`;
}

/** Seconds in words, two units at most: 45 s · 4 min · 2 h 10 min · 3 d 4 h. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) {
    return `${whole} s`;
  }
  const minutes = Math.round(whole / 60);
  if (minutes < 60) {
    return `${minutes} min`;
  }
  const hours = Math.floor(minutes / 60);
  if (hours < 24) {
    return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  }
  const days = Math.floor(hours / 24);
  return hours % 24 ? `${days} d ${hours % 24} h` : `${days} d`;
}

/** A short time, as machines need it: 23 ms · 412 ms · 1.25 s · 2 min. */
export function formatShort(seconds: number): string {
  if (seconds < 0.9995) {
    return `${formatNumber(Number((seconds * 1000).toPrecision(3)))} ms`;
  }
  return seconds < 60 ? `${formatNumber(seconds)} s` : formatDuration(seconds);
}

/** "4 min left". */
export function formatLeft(seconds: number, trans: TranslationBundle): string {
  return trans.__('%1 left', formatDuration(seconds));
}

/** "2 h ago"; "just now" under ten seconds. */
export function formatAgo(
  time: string,
  trans: TranslationBundle,
  now = Date.now()
): string {
  const seconds = (now - Date.parse(time)) / 1000;
  if (seconds < 10) {
    return trans.__('just now');
  }
  const text = formatDuration(seconds);
  return trans.__('%1 ago', text.split(/(?<=[a-z]) /)[0]);
}

/** Date and time in the reader's own words, for hovers. */
export function formatTime(time: string): string {
  return new Date(time).toLocaleString();
}

/** Text that begins a sentence or a line. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
