// A spectrum, or any curve over a running number; and a value against time.

import { number, quantity } from "../format.js";
import { airyAxis, drawAxes, numbersAxis, tickWidth } from "./axes.js";
import { createPlot, trace } from "./canvas.js";

/** Make the drawing; `show` takes {values, unit, name, title, xName, from, to}: `from` and `to` label the first and last value. */
export function createCurve({ height = 190 } = {}) {
  let shown = { values: [] };
  const plot = createPlot({ height, byColumn: true, draw: (context, size) => draw(context, size, shown) });
  return { node: plot.node, show(next) { shown = next; plot.describe(inWords(next)); plot.redraw(); } };
}

function draw(context, { width, height, inks }, { values, unit, name, xName, from = 0, to = values.length - 1 }) {
  if (!values.length) return [];
  const y = airyAxis({ name, unit, values });
  const x = numbersAxis({ name: xName, low: from, high: to });
  const box = { left: tickWidth(context, y, inks, 4) + 10, top: 24, right: width - 10, bottom: height - 40 };
  const at = (index) => [box.left + (index / Math.max(1, values.length - 1)) * (box.right - box.left), box.bottom - y.share(values[index] ?? y.low) * (box.bottom - box.top)];
  drawAxes(context, box, { x, y, inks, yCount: 4 });
  context.strokeStyle = inks.mark;
  context.lineWidth = 1.75;
  context.lineJoin = "round";
  trace(context, values.length, at);
  context.stroke();
  context.lineTo(at(values.length - 1)[0], box.bottom);
  context.lineTo(at(0)[0], box.bottom);
  context.fillStyle = inks.mark;
  context.globalAlpha = 0.1;
  context.fill();
  context.globalAlpha = 1;
  const position = (index) => from + (index / Math.max(1, values.length - 1)) * (to - from);
  return values.map((value, index) => ({ x: at(index)[0], y: at(index)[1], key: index, lines: () => [quantity(value, unit), `${xName} ${number(position(index), 3)}`] }));
}

function inWords({ values, unit, title }) {
  const known = values.filter((value) => value !== null);
  if (!known.length) return `${title}: nothing yet.`;
  const [low, high] = known.reduce(([least, most], value) => [Math.min(least, value), Math.max(most, value)], [Infinity, -Infinity]);
  return `${title}: ${known.length} values from ${quantity(low, unit)} to ${quantity(high, unit)}, the last ${quantity(known.at(-1), unit)}.`;
}
