// A curve as small as a word: best so far by scored trial.

import { number } from "../format.js";

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 200;
const HEIGHT = 48;
const EDGE = 4;

/** Draw at most some dozens of values; fewer than two draw nothing. */
export function sparkline(values, unit = "") {
  const svg = shape("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "sparkline", role: "img", "aria-label": inWords(values, unit) });
  if (values.length < 2) return svg;
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const x = (index) => EDGE + (index / (values.length - 1)) * (WIDTH - 2 * EDGE);
  const y = (value) => HEIGHT - EDGE - (high > low ? (value - low) / (high - low) : 0.5) * (HEIGHT - 2 * EDGE);
  const line = values.slice(1).reduce((path, value, index) => `${path}H${x(index + 1).toFixed(1)}V${y(value).toFixed(1)}`, `M${x(0)},${y(values[0]).toFixed(1)}`);
  svg.append(
    shape("path", { d: `${line}V${HEIGHT}H${x(0)}Z`, class: "area" }),
    shape("path", { d: line, class: "line" }),
    shape("circle", { cx: x(values.length - 1), cy: y(values.at(-1)), r: 3, class: "end" }),
  );
  return svg;
}

/** Make an SVG element. */
export function shape(tag, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function inWords(values, unit) {
  if (values.length === 0) return "no scored trial yet";
  const read = (value) => `${number(value)} ${unit}`.trim();
  return `best so far: from ${read(values[0])} to ${read(values.at(-1))}`;
}
