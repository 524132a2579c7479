/** Shares of the width, in the order of the panels; they add up to 1. */
export type Sizes = readonly number[];

/** No panel gets narrower than this share. */
export const SMALLEST = 0.12;

/** Moves the bar behind panel `index` by a share of the width; its two neighbours pay for it. */
export function moveBar(sizes: Sizes, index: number, by: number): Sizes {
  const left = sizes[index];
  const right = sizes[index + 1];
  if (left === undefined || right === undefined) return sizes;
  const most = Math.max(0, right - SMALLEST);
  const least = Math.min(0, SMALLEST - left);
  const moved = Math.min(most, Math.max(least, by));
  return sizes.map((size, at) => (at === index ? size + moved : at === index + 1 ? size - moved : size));
}
