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

/** The same for whole numbers from 0, such as trial numbers. */
export const wholeTicks = (high, count = 6) => ticks(0, high, count).filter(Number.isInteger);
