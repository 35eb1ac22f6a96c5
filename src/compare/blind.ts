/** The letters that stand for names in blind mode. */
export function letter(place: number): string {
  return (
    String.fromCharCode(65 + (place % 26)) +
    (place < 26 ? '' : `${Math.floor(place / 26)}`)
  );
}

/** A random order of `count` columns: at each place, the index of the column shown there. */
export function shuffled(count: number, random = Math.random): number[] {
  const order = Array.from({ length: count }, (_, index) => index);
  for (let place = count - 1; place > 0; place--) {
    const other = Math.floor(random() * (place + 1));
    [order[place], order[other]] = [order[other], order[place]];
  }
  return order;
}
