// Two parameters of the space as a map: what the model believes, what was measured, the best and the next point.

import { measured, quantity } from "../format.js";
import { drawAxes, tickWidth } from "./axes.js";
import { createPlot } from "./canvas.js";
import { colourOf, doubtMap, valueMap } from "./colours.js";
import { barWidth, drawBar, drawGrid, extent } from "./heat.js";
import { diamond, dot, ring } from "./marks.js";

/**
 * Make the map; `show` takes {x, y, grid, quantityShown, trials, best, next, objective, unit}.
 *
 * `x` and `y` are axes; `grid` is a posterior answer or null; `trials` are {trial, point, value, sd}; `quantityShown` is "mean" or "sd".
 */
export function createMap({ choose }) {
  let shown = null;
  const plot = createPlot({ height: (width) => Math.min(440, Math.max(260, width * 0.72)), choose, draw: (context, size) => shown && draw(context, size, shown) });
  return { node: plot.node, show(next) { shown = next; plot.describe(inWords(next)); plot.redraw(); } };
}

function draw(context, { width, height, inks }, { x, y, grid, quantityShown, trials, best, next, objective, unit }) {
  const isDoubt = grid && quantityShown === "sd";
  const map = isDoubt ? doubtMap : valueMap;
  const [low, high] = extent(grid ? grid[quantityShown] : trials.map((trial) => trial.value));
  const box = { left: tickWidth(context, y, inks, 5) + 10, top: 26, right: width - barWidth(context, { low, high, inks }), bottom: height - 40 };
  const place = (point) => [box.left + x.share(point[x.name]) * (box.right - box.left), box.bottom - y.share(point[y.name]) * (box.bottom - box.top)];
  context.fillStyle = inks.sunken;
  context.fillRect(box.left, box.top, box.right - box.left, box.bottom - box.top);
  if (grid) {
    const inside = clipped(box, x, y, grid);
    drawGrid(context, inside, { columns: grid.x.length, rows: grid.y.length, values: grid[quantityShown], low, high, map });
  }
  drawAxes(context, box, { x, y, inks, hasGrid: !grid, yCount: 5 });
  const label = `${isDoubt ? "sd of " : ""}${objective}${unit ? ` (${unit})` : ""}`;
  if (grid || trials.some((trial) => trial.value !== null)) drawBar(context, { left: box.right + 14, top: box.top, bottom: box.bottom }, { low, high, map, inks, label });
  const size = trials.length > 1000 ? 2 : trials.length > 200 ? 3 : 4.5;
  for (const { point, value } of trials) {
    const [at, up] = place(point);
    dot(context, at, up, { inks, size, fill: value === null ? inks["ink-3"] : grid ? inks.ink : colourOf(map, (value - low) / (high - low || 1)) });
  }
  if (best) ring(context, ...place(best.point), { inks });
  if (next) diamond(context, ...place(next.point), { inks });
  const tips = trials.map((trial) => target(trial, place(trial.point), { x, y, unit, title: trial.trial === best?.trial ? "best, trial" : "Trial" }));
  return next ? [...tips, { ...target(next, place(next.point), { x, y, unit, title: "Next: trial" }) }] : tips;
}

/** Where the grid lies within the axes: its cells reach half a step beyond its first and last line. */
function clipped(box, x, y, { x: columns, y: rows }) {
  const across = (axis, values, from, to) => {
    const half = values.length > 1 ? (axis.share(values[1]) - axis.share(values[0])) / 2 : 0;
    return [from + (axis.share(values[0]) - half) * (to - from), from + (axis.share(values.at(-1)) + half) * (to - from)];
  };
  const [left, right] = across(x, columns, box.left, box.right);
  const [bottom, top] = across(y, rows, box.bottom, box.top);
  return { left: Math.max(box.left, left), right: Math.min(box.right, right), top: Math.max(box.top, top), bottom: Math.min(box.bottom, bottom) };
}

function target(trial, [px, py], { x, y, unit, title }) {
  return {
    x: px, y: py, key: trial.trial,
    lines: () => [
      `${title} ${trial.trial}${trial.value === null ? "" : `: ${measured(trial.value, trial.sd, unit)}`}`,
      `${x.name} ${quantity(trial.point[x.name], x.unit)}`, `${y.name} ${quantity(trial.point[y.name], y.unit)}`,
    ],
  };
}

function inWords({ x, y, grid, trials, best, next, objective, unit }) {
  const what = grid ? `What the model believed of ${objective} over` : "Measured points over";
  const found = best ? ` Best: ${quantity(best.value, unit)} at ${x.name} ${quantity(best.point[x.name], x.unit)}, ${y.name} ${quantity(best.point[y.name], y.unit)}.` : "";
  const then = next ? ` Next: ${x.name} ${quantity(next.point[x.name], x.unit)}, ${y.name} ${quantity(next.point[y.name], y.unit)}.` : "";
  return `${what} ${x.name} and ${y.name}, ${trials.length} measured.${found}${then} Arrow keys go through the points.`;
}
