// Best so far against the trial number, with what random points would have found.

import { measured, quantity } from "../format.js";
import { airyAxis, drawAxes, numbersAxis, tickWidth } from "./axes.js";
import { createPlot, trace } from "./canvas.js";

/**
 * Make the drawing; `show({points, random, target, objective, goal, unit})` updates it.
 * A point is {trial, value, sd, best}; `random[i]` belongs to the i-th point.
 */
export function createProgress({ choose }) {
  let shown = { points: [], random: null, target: null, objective: "", goal: "maximise", unit: "" };
  const plot = createPlot({ height: (width) => (width < 500 ? 230 : 280), byColumn: true, choose, draw: (context, size) => draw(context, size, shown) });
  return { node: plot.node, show(next) { shown = next; plot.describe(inWords(next)); plot.redraw(); } };
}

function draw(context, { width, height, inks }, { points, random, target, objective, unit }) {
  if (!points.length) return [];
  const values = points.map((point) => point.value).concat(random ?? [], target === null ? [] : [target]);
  const y = airyAxis({ name: objective, unit, values });
  const x = numbersAxis({ name: "trial", low: 0, high: Math.max(points.at(-1).trial, 5) });
  const box = { left: tickWidth(context, y, inks, 5) + 10, top: 26, right: width - 8, bottom: height - 40 };
  const px = (trial) => box.left + x.share(trial) * (box.right - box.left);
  const py = (value) => box.bottom - y.share(value) * (box.bottom - box.top);
  drawAxes(context, box, { x, y, inks, yCount: 5 });
  if (target !== null) drawTarget(context, box, py(target), inks);
  if (random) drawRandom(context, points, random, px, py, inks);
  drawPoints(context, points, px, py, inks);
  drawBest(context, points, px, py, box, inks);
  return points.map((point, index) => ({
    x: px(point.trial), y: py(point.value), key: point.trial,
    lines: () => [
      `Trial ${point.trial}: ${measured(point.value, point.sd, unit)}`,
      `best so far ${quantity(point.best, unit)}`,
      ...(!random ? [] : [`random would be at ${quantity(random[Math.min(index, random.length - 1)], unit)}`]),
    ],
  }));
}

function drawPoints(context, points, px, py, inks) {
  const size = points.length > 1500 ? 2 : points.length > 300 ? 3 : 5;
  context.fillStyle = inks.mark;
  context.globalAlpha = points.length > 300 ? 0.35 : 0.55;
  if (size < 4) for (const { trial, value } of points) context.fillRect(px(trial) - size / 2, py(value) - size / 2, size, size);
  else {
    for (const { trial, value } of points) {
      context.beginPath();
      context.arc(px(trial), py(value), size / 2 + 0.8, 0, 7);
      context.fill();
    }
  }
  context.globalAlpha = 1;
}

function drawBest(context, points, px, py, box, inks) {
  context.strokeStyle = inks.best;
  context.lineWidth = 2.5;
  context.lineJoin = "round";
  context.beginPath();
  points.forEach(({ trial, best }, index) => {
    if (!index) context.moveTo(px(trial), py(best));
    else if (best !== points[index - 1].best) { context.lineTo(px(trial), py(points[index - 1].best)); context.lineTo(px(trial), py(best)); }
  });
  const last = points.at(-1);
  context.lineTo(px(last.trial), py(last.best));
  context.stroke();
  context.fillStyle = inks.best;
  context.beginPath();
  context.arc(Math.min(px(last.trial), box.right), py(last.best), 4, 0, 7);
  context.fill();
}

function drawRandom(context, points, random, px, py, inks) {
  context.strokeStyle = inks["mark-2"];
  context.lineWidth = 1.75;
  context.setLineDash([6, 5]);
  trace(context, points.length, (index) => [px(points[index].trial), py(random[Math.min(index, random.length - 1)])]);
  context.stroke();
  context.setLineDash([]);
}

function drawTarget(context, box, at, inks) {
  context.strokeStyle = inks.next;
  context.lineWidth = 1.5;
  context.setLineDash([2, 4]);
  trace(context, 2, (index) => [index ? box.right : box.left, at]);
  context.stroke();
  context.setLineDash([]);
}

/** The drawing's key facts for whoever cannot see it. */
function inWords({ points, random, target, objective, goal, unit }) {
  if (!points.length) return `Best ${objective} so far: nothing is scored yet.`;
  const last = points.at(-1);
  const first = points.find((point) => point.best === last.best);
  const baseline = random?.length ? ` Random points would be expected at ${quantity(random.at(-1), unit)}.` : "";
  const wanted = target === null ? "" : ` The target is ${quantity(target, unit)}.`;
  return `Best ${objective} so far (${goal}) by trial: from ${quantity(points[0].best, unit)} at trial ${points[0].trial} to ${quantity(last.best, unit)}, found in trial ${first.trial} of ${last.trial}.${baseline}${wanted} Arrow keys go through the trials, Enter opens one.`;
}
