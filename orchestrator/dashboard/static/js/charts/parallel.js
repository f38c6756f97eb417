// All parameters side by side: one line a trial, coloured by what it was worth.

import { measured, pointText } from "../format.js";
import { numbersAxis } from "./axes.js";
import { createPlot, trace, type } from "./canvas.js";
import { colourOf, valueMap } from "./colours.js";
import { barWidth, drawBar, extent } from "./heat.js";

/** Make the drawing; `show` takes {axes, trials, best, objective, unit}. */
export function createParallel({ choose }) {
  let shown = null;
  const plot = createPlot({ height: 330, choose, draw: (context, size) => shown && draw(context, size, shown) });
  return { node: plot.node, show(next) { shown = next; plot.describe(inWords(next)); plot.redraw(); } };
}

function draw(context, { width, height, inks }, { axes, trials, best, objective, unit }) {
  const scored = trials.filter((trial) => trial.value !== null);
  const [low, high] = extent(scored.map((trial) => trial.value));
  const value = numbersAxis({ name: objective, unit, low, high });
  const columns = [...axes, value];
  const box = { left: 34, top: 40, right: width - barWidth(context, { low, high, inks }) - 8, bottom: height - 26 };
  const px = (index) => box.left + (index / (columns.length - 1)) * (box.right - box.left);
  const py = (share) => box.bottom - share * (box.bottom - box.top);
  const path = (trial) => trace(context, columns.length, (index) => [px(index), py(index < axes.length ? axes[index].share(trial.point[axes[index].name]) : value.share(trial.value))]);
  const ordered = [...scored].sort((left, right) => Math.abs(value.share(left.value) - 0.5) - Math.abs(value.share(right.value) - 0.5));
  context.lineWidth = scored.length > 500 ? 0.8 : 1.5;
  context.globalAlpha = scored.length > 500 ? 0.35 : 0.7;
  for (const trial of ordered) {
    context.strokeStyle = colourOf(valueMap, value.share(trial.value));
    path(trial);
    context.stroke();
  }
  context.globalAlpha = 1;
  if (best) {
    context.lineWidth = 3;
    context.strokeStyle = inks.best;
    path(best);
    context.stroke();
  }
  columns.forEach((axis, index) => drawColumn(context, axis, px(index), box, inks, index === columns.length - 1));
  drawBar(context, { left: box.right + 18, top: box.top, bottom: box.bottom }, { low, high, map: valueMap, inks, label: value.label });
  const units = Object.fromEntries(axes.map((axis) => [axis.name, axis.unit]));
  return scored.map((trial) => ({
    x: px(columns.length - 1), y: py(value.share(trial.value)), key: trial.trial,
    lines: () => [`Trial ${trial.trial}: ${measured(trial.value, trial.sd, unit)}`, ...pointText(trial.point, units).split(" · ")],
  }));
}

function drawColumn(context, axis, x, box, inks, isLast) {
  context.strokeStyle = inks["line-strong"];
  context.lineWidth = 1.25;
  trace(context, 2, (index) => [x, index ? box.bottom : box.top]);
  context.stroke();
  type(context, { inks, size: 12, weight: 560, colour: "ink", align: "center", baseline: "bottom" });
  context.fillText(axis.name, x, box.top - 20, 110);
  if (isLast) return;
  type(context, { inks, size: 11, align: "center", baseline: "bottom" });
  const marks = axis.isNumeric ? [{ share: 1, text: short(axis.high, axis.unit) }, { share: 0, text: short(axis.low, axis.unit) }] : axis.ticks();
  for (const { share, text } of marks) {
    const isEnd = share === 1 || share === 0;
    context.textBaseline = share === 0 ? "top" : isEnd ? "bottom" : "middle";
    context.fillText(text, x, share === 1 ? box.top - 5 : share === 0 ? box.bottom + 6 : box.bottom - share * (box.bottom - box.top), 90);
  }
}

const short = (value, unit) => `${Number(value.toPrecision(4))} ${unit}`.trim();

function inWords({ axes, trials, best, objective, unit }) {
  const units = Object.fromEntries(axes.map((axis) => [axis.name, axis.unit]));
  const found = best ? ` The best, trial ${best.trial}: ${measured(best.value, best.sd, unit)} at ${pointText(best.point, units)}.` : "";
  return `Parallel coordinates of ${trials.length} trials over ${axes.map((axis) => axis.name).join(", ")}, coloured by ${objective}.${found}`;
}
