// A camera image or detector frame, with its brightest place named.

import { quantity } from "../format.js";
import { createPlot } from "./canvas.js";
import { valueMap } from "./colours.js";
import { barWidth, drawBar, drawGrid } from "./heat.js";

/** Make the drawing; `show` takes an array answer of two axes. */
export function createImage() {
  let shown = null;
  const plot = createPlot({ height: (width) => Math.min(340, Math.max(200, width * 0.7)), draw: (context, size) => shown && draw(context, size, shown) });
  return { node: plot.node, show(next) { shown = next; plot.describe(inWords(next)); plot.redraw(); } };
}

function draw(context, { width, height, inks }, { shown: [rows, columns], values, low, high, signal, unit }) {
  const room = { width: width - barWidth(context, { low, high, inks }), height: height - 12 };
  const scale = Math.min(room.width / columns, room.height / rows);
  const left = Math.max(0, (room.width - columns * scale) / 2);
  const box = { left, top: 6, right: left + columns * scale, bottom: 6 + rows * scale };
  drawGrid(context, box, { columns, rows, values, low, high, map: valueMap, isTopDown: true, isSmooth: false });
  drawBar(context, { left: box.right + 12, top: box.top, bottom: box.bottom }, { low, high, map: valueMap, inks, label: unit ? `${signal} (${unit})` : signal });
  return [];
}

function inWords({ signal, trial, shape, shown: [, columns], values, high, low, unit }) {
  const at = values.indexOf(high);
  return `${signal} of trial ${trial}, ${shape.join(" × ")} pixels, from ${quantity(low, unit)} to ${quantity(high, unit)}; brightest in row ${Math.floor(at / columns) + 1}, column ${(at % columns) + 1} of the picture shown.`;
}
