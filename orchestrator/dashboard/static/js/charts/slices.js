// One parameter at a time: what the model believes along it through the best point, and what was measured.

import { measured, quantity } from "../format.js";
import { airyAxis, drawAxes, tickWidth } from "./axes.js";
import { createPlot, trace } from "./canvas.js";
import { diamond, dot, ring } from "./marks.js";

/** Make one slice; `show` takes {x, grid, trials, best, next, objective, unit}; `grid` is a one-axis posterior answer or null. */
export function createSlice({ choose }) {
  let shown = null;
  const plot = createPlot({ height: 190, choose, draw: (context, size) => shown && draw(context, size, shown) });
  return { node: plot.node, show(next) { shown = next; plot.describe(inWords(next)); plot.redraw(); } };
}

function draw(context, { width, height, inks }, { x, grid, trials, best, next, objective, unit }) {
  const band = grid ? grid.mean.flatMap((mean, index) => [mean - grid.sd[index], mean + grid.sd[index]]) : [];
  const y = airyAxis({ name: objective, unit, values: band.concat(trials.map((trial) => trial.value)) });
  const box = { left: tickWidth(context, y, inks, 3) + 10, top: 24, right: width - 10, bottom: height - 40 };
  const px = (value) => box.left + x.share(value) * (box.right - box.left);
  const py = (value) => box.bottom - y.share(value) * (box.bottom - box.top);
  drawAxes(context, box, { x, y, inks, xCount: 3, yCount: 3 });
  if (grid) drawBelief(context, grid, px, py, inks);
  const scored = trials.filter((trial) => trial.value !== null);
  context.globalAlpha = grid ? 0.55 : 0.85;
  for (const trial of scored) dot(context, px(trial.point[x.name]), py(trial.value), { inks, fill: inks.ink, size: scored.length > 300 ? 2 : 3.5 });
  context.globalAlpha = 1;
  if (best) ring(context, px(best.point[x.name]), py(best.value), { inks });
  if (next) diamond(context, px(next.point[x.name]), box.bottom - 10, { inks });
  return scored.map((trial) => ({
    x: px(trial.point[x.name]), y: py(trial.value), key: trial.trial,
    lines: () => [`Trial ${trial.trial}: ${measured(trial.value, trial.sd, unit)}`, `${x.name} ${quantity(trial.point[x.name], x.unit)}`],
  })).sort((left, right) => left.x - right.x);
}

function drawBelief(context, { x, mean, sd }, px, py, inks) {
  const n = x.length;
  trace(context, 2 * n, (index) => (index < n ? [px(x[index]), py(mean[index] + sd[index])] : [px(x[2 * n - 1 - index]), py(mean[2 * n - 1 - index] - sd[2 * n - 1 - index])]));
  context.fillStyle = inks.mark;
  context.globalAlpha = 0.2;
  context.fill();
  context.globalAlpha = 1;
  trace(context, n, (index) => [px(x[index]), py(mean[index])]);
  context.strokeStyle = inks.mark;
  context.lineWidth = 2.25;
  context.stroke();
}

function inWords({ x, grid, trials, best, objective, unit }) {
  const found = best ? ` Best ${quantity(best.value, unit)} at ${quantity(best.point[x.name], x.unit)}.` : "";
  if (!grid) return `${objective} against ${x.name}: ${trials.length} trials.${found}`;
  const top = grid.mean.indexOf(Math.max(...grid.mean));
  return `${objective} along ${x.name} through the best point: the model's mean is highest, ${measured(grid.mean[top], grid.sd[top], unit)}, at ${quantity(grid.x[top], x.unit)}.${found}`;
}
