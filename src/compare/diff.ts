/** A piece of a text that is in both texts, or in one of them only. */
export type Piece = { text: string; same: boolean };

/** Beyond this many words a side, only the common beginning and end are found. */
const MOST_WORDS = 2_000;

/** Words, runs of white space, and every other sign by itself. */
export function words(text: string): string[] {
  return text.match(/[\p{L}\p{N}_]+|\s+|[^\p{L}\p{N}_\s]/gu) ?? [];
}

/** What two texts share, word by word, as pieces of either. */
export function diffWords(
  left: string,
  right: string
): { left: Piece[]; right: Piece[] } {
  const a = words(left);
  const b = words(right);
  const { inA, inB } = common(a, b);
  return { left: pieces(a, inA), right: pieces(b, inB) };
}

/** Which words belong to a longest common subsequence. */
function common(a: string[], b: string[]): { inA: boolean[]; inB: boolean[] } {
  const inA = a.map(() => false);
  const inB = b.map(() => false);
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) {
    inA[start] = inB[start] = true;
    start += 1;
  }
  let [endA, endB] = [a.length, b.length];
  while (endA > start && endB > start && a[endA - 1] === b[endB - 1]) {
    inA[--endA] = inB[--endB] = true;
  }
  if (endA - start <= MOST_WORDS && endB - start <= MOST_WORDS) {
    for (const [i, j] of longest(a.slice(start, endA), b.slice(start, endB))) {
      inA[start + i] = inB[start + j] = true;
    }
  }
  return { inA, inB };
}

/** The positions of a longest common subsequence, by the usual table of lengths. */
function longest(a: string[], b: string[]): [number, number][] {
  const width = b.length + 1;
  const lengths = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      lengths[i * width + j] =
        a[i] === b[j]
          ? lengths[(i + 1) * width + j + 1] + 1
          : Math.max(lengths[(i + 1) * width + j], lengths[i * width + j + 1]);
    }
  }
  const found: [number, number][] = [];
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) {
      found.push([i++, j++]);
    } else if (lengths[(i + 1) * width + j] >= lengths[i * width + j + 1]) {
      i += 1;
    } else {
      j += 1;
    }
  }
  return found;
}

/** Neighbours of one kind joined; white space between two differences counts as one with them. */
function pieces(tokens: string[], same: boolean[]): Piece[] {
  const joined: Piece[] = [];
  tokens.forEach((text, index) => {
    const bridge =
      /^\s+$/.test(text) &&
      same[index - 1] === false &&
      same[index + 1] === false;
    const kind = same[index] && !bridge;
    const last = joined[joined.length - 1];
    if (last && last.same === kind) {
      last.text += text;
    } else {
      joined.push({ text, same: kind });
    }
  });
  return joined;
}
