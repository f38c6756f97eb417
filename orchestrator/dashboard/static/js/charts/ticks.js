// Round numbers for axes.

/** About `count` round values between two limits, both included where they are round themselves. */
export function ticks(low, high, count = 5) {
  if (!(high > low)) return [low];
  const rough = (high - low) / Math.max(1, count);
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = size * ([1, 2, 5, 10].find((factor) => factor * size >= rough) ?? 10);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, index) => Number(((first + index) * step).toPrecision(12)));
}

/** About `count` powers of ten between two limits above 0; round values where there are fewer than two. */
export function decades(low, high, count = 5) {
  const [first, last] = [Math.ceil(Math.log10(low) - 1e-9), Math.floor(Math.log10(high) + 1e-9)];
  if (last - first < 1) return ticks(low, high, count);
  const step = Math.ceil((last - first + 1) / Math.max(1, count));
  return Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, index) => Number((10 ** (first + index * step)).toPrecision(12)));
}

/** The same for whole numbers from 0, such as trial numbers. */
export const wholeTicks = (high, count = 6) => ticks(0, high, count).filter(Number.isInteger);
