// Grids as coloured pixels, and the bar that explains the colours.

import { number } from "../format.js";
import { type } from "./canvas.js";
import { colourOf } from "./colours.js";

/** Paint a grid of {columns, rows, values} into a box; row 0 lies at the bottom unless `isTopDown`. Missing values stay empty. */
export function drawGrid(context, box, { columns, rows, values, low, high, map, isTopDown = false, isSmooth = true }) {
  const pixels = new ImageData(columns, rows);
  const scale = high > low ? 255 / (high - low) : 0;
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const value = values[row * columns + column];
      if (value === null || value === undefined) continue;
      const from = 3 * Math.max(0, Math.min(255, Math.round((value - low) * scale)));
      const to = 4 * ((isTopDown ? row : rows - 1 - row) * columns + column);
      pixels.data[to] = map[from];
      pixels.data[to + 1] = map[from + 1];
      pixels.data[to + 2] = map[from + 2];
      pixels.data[to + 3] = 255;
    }
  }
  const small = new OffscreenCanvas(columns, rows);
  small.getContext("2d").putImageData(pixels, 0, 0);
  context.imageSmoothingEnabled = isSmooth;
  context.imageSmoothingQuality = "high";
  context.drawImage(small, box.left, box.top, box.right - box.left, box.bottom - box.top);
}

/** A vertical bar with the lowest and highest value. */
export function drawBar(context, { left, top, bottom }, { low, high, map, inks, label }) {
  const height = bottom - top;
  for (let row = 0; row < height; row += 1) {
    context.fillStyle = colourOf(map, 1 - row / height);
    context.fillRect(left, top + row, 12, 1.5);
  }
  type(context, { inks, baseline: "top" });
  context.fillText(number(high, 3), left + 18, top - 1);
  type(context, { inks, baseline: "bottom" });
  context.fillText(number(low, 3), left + 18, bottom + 1);
  type(context, { inks, baseline: "middle", colour: "ink-2" });
  context.save();
  context.translate(left + 25, (top + bottom) / 2);
  context.rotate(-Math.PI / 2);
  context.textAlign = "center";
  context.fillText(label, 0, 0);
  context.restore();
}

/** How much room the bar needs at the right of a drawing. */
export function barWidth(context, { low, high, inks }) {
  type(context, { inks });
  return 34 + Math.max(14, context.measureText(number(high, 3)).width, context.measureText(number(low, 3)).width);
}

/** The lowest and highest of many values, missing ones left out. */
export function extent(values) {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value === null || value === undefined || !Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low > high ? [0, 1] : [low, high];
}
