/** Words that say nothing in a name. */
const NOISE = new Set(['the', 'a', 'instruct', 'chat', 'base', 'hf', 'v0']);
const LONGEST = 64;

function slug(text: string): string {
  const last = text.split('/').pop() ?? '';
  return last
    .replace(/[^A-Za-z0-9.]+/g, '-')
    .split('-')
    .filter(word => word && !NOISE.has(word.toLowerCase()))
    .join('-')
    .replace(/^[.]+|[.]+$/g, '');
}

/**
 * A name for a run and its adapter, from what it learns and what learns it, which none of the
 * `taken` names equals.
 */
export function proposeName(
  dataset: string,
  model: string,
  taken: Iterable<string>
): string {
  const parts = [slug(dataset), slug(model)].filter(Boolean);
  if (!parts.length) {
    return '';
  }
  return freeName(parts.join('-').slice(0, LONGEST), taken);
}

/** The name itself, or with the first number behind it that makes it free. */
export function freeName(name: string, taken: Iterable<string>): string {
  const used = new Set([...taken].map(other => other.toLowerCase()));
  const stem = name.replace(/-\d+$/, '') || name;
  let proposed = name;
  for (let count = 2; used.has(proposed.toLowerCase()); count++) {
    proposed = `${stem}-${count}`;
  }
  return proposed;
}
