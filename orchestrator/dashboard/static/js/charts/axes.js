// Axes: from values to pixels, for numbers and for names, with ticks and a label.

import { number } from "../format.js";
import { type } from "./canvas.js";
import { decades, ticks } from "./ticks.js";

/** The axis of a parameter; categories stand side by side. */
export function parameterAxis(parameter) {
  if (parameter.type === "categorical") return namesAxis(parameter.name, parameter.values);
  const [low, high] = parameter.values.length ? [parameter.values[0], parameter.values.at(-1)] : [parameter.lower, parameter.upper];
  return (parameter.scale === "log" ? decadesAxis : numbersAxis)({ name: parameter.name, unit: parameter.unit, low: Number(low), high: Number(high) });
}

/** An axis of numbers between two limits. `share(value)` is where a value lies, from 0 to 1. */
export function numbersAxis({ name = "", unit = "", low, high }) {
  const [bottom, top] = high > low ? [low, high] : [low - (Math.abs(low) * 0.1 || 1), low + (Math.abs(low) * 0.1 || 1)];
  return {
    name, unit, low: bottom, high: top, isNumeric: true,
    share: (value) => (Number(value) - bottom) / (top - bottom),
    ticks: (count) => ticks(bottom, top, count).map((value) => ({ share: (value - bottom) / (top - bottom), text: number(value) })),
    label: unit ? `${name} (${unit})` : name,
  };
}

/** The same on a logarithmic scale; both limits lie above 0. */
function decadesAxis({ name, unit, low, high }) {
  const share = (value) => Math.log(Math.max(Number(value), 1e-300) / low) / Math.log(high / low);
  return {
    ...numbersAxis({ name, unit, low, high }), share,
    ticks: (count) => decades(low, high, count).map((value) => ({ share: share(value), text: number(value) })),
  };
}

/** An axis that leaves a little air around all its values; without any it says no numbers. */
export function airyAxis({ name, unit, values }) {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value === null || value === undefined || !Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low > high) return { ...numbersAxis({ name, unit, low: 0, high: 1 }), ticks: () => [] };
  const air = high > low ? 0.06 * (high - low) : Math.abs(high) * 0.1 || 1;
  return numbersAxis({ name, unit, low: low - air, high: high + air });
}

function namesAxis(name, names) {
  const place = new Map(names.map((each, index) => [each, (index + 0.5) / names.length]));
  return {
    name, unit: "", low: 0, high: names.length, isNumeric: false,
    share: (value) => place.get(value) ?? 0,
    ticks: () => names.map((each) => ({ share: place.get(each), text: String(each) })),
    label: name,
  };
}

/** Draw grid, ticks and labels around a box of {left, top, right, bottom}. */
export function drawAxes(context, box, { x, y, inks, hasGrid = true, xCount = null, yCount = null, yLabel = "" }) {
  const width = box.right - box.left;
  const height = box.bottom - box.top;
  context.lineWidth = 1;
  context.strokeStyle = inks.grid;
  type(context, { inks, align: "right", baseline: "middle" });
  for (const { share, text } of y.ticks(yCount ?? Math.max(2, Math.round(height / 55)))) {
    const at = Math.round(box.bottom - share * height) + 0.5;
    if (hasGrid) line(context, box.left, at, box.right, at);
    context.fillText(text, box.left - 7, at);
  }
  type(context, { inks, align: "center", baseline: "top" });
  let free = -Infinity;
  for (const { share, text } of x.ticks(xCount ?? Math.max(2, Math.round(width / 90)))) {
    const half = context.measureText(text).width / 2;
    const at = Math.min(box.left + share * width, box.right + 7 - half);
    if (at - half < free) continue;
    context.fillText(text, at, box.bottom + 6);
    free = at + half + 8;
  }
  context.strokeStyle = inks["line-strong"];
  line(context, box.left, box.bottom + 0.5, box.right, box.bottom + 0.5);
  type(context, { inks, align: "right", baseline: "top", colour: "ink-2" });
  if (x.label) context.fillText(x.label, box.right, box.bottom + 22);
  type(context, { inks, align: "left", baseline: "bottom", colour: "ink-2" });
  context.fillText(yLabel || y.label, 0, box.top - 7);
}

/** How wide the widest tick of an axis is. */
export function tickWidth(context, axis, inks, count) {
  type(context, { inks });
  return Math.max(12, ...axis.ticks(count).map(({ text }) => context.measureText(text).width));
}

function line(context, fromX, fromY, toX, toY) {
  context.beginPath();
  context.moveTo(fromX, fromY);
  context.lineTo(toX, toY);
  context.stroke();
}
