// Predicted against measured, as small as a line of text.

import { measured } from "../format.js";
import { shape } from "./sparkline.js";

const WIDTH = 340;
const MIDDLE = 14;

/** The model's mean with one and two standard deviations, and what was measured; null when there was no prediction. */
export function intervalPlot({ value, sd, predicted, predicted_sd: doubt }, unit) {
  if (predicted === null || predicted === undefined || !(doubt > 0)) return null;
  const reach = Math.max(2.6 * doubt, value === null ? 0 : 1.1 * (Math.abs(value - predicted) + (sd ?? 0)));
  const x = (at) => ((at - predicted + reach) / (2 * reach)) * WIDTH;
  const bar = (width, name) => shape("rect", { x: x(predicted - width * doubt), y: MIDDLE - 7, width: x(predicted + width * doubt) - x(predicted - width * doubt), height: 14, rx: 3, class: name });
  const svg = shape("svg", { viewBox: `0 0 ${WIDTH} 28`, class: "interval", role: "img", preserveAspectRatio: "xMinYMid", "aria-label": inWords({ value, sd, predicted, doubt }, unit) },
    shape("path", { d: `M0,${MIDDLE}H${WIDTH}`, class: "track" }), bar(2, "two-sd"), bar(1, "one-sd"),
    shape("path", { d: `M${x(predicted)},${MIDDLE - 9}V${MIDDLE + 9}`, class: "expected" }));
  if (value !== null) {
    if (sd) svg.append(shape("path", { d: `M${x(value - sd)},${MIDDLE}H${x(value + sd)}`, class: "error" }));
    svg.append(shape("ellipse", { cx: x(value), cy: MIDDLE, rx: 5, ry: 5, class: "got" }));
  }
  return svg;
}

/** How a measurement compares, in sds of their difference: `0.4 sd above the prediction`. */
export function surprise({ value, sd, predicted, predicted_sd: doubt }) {
  if (value === null || value === undefined || predicted === null || predicted === undefined || !(doubt > 0)) return "";
  const off = (value - predicted) / Math.hypot(doubt, sd ?? 0);
  if (Math.abs(off) < 0.1) return "as predicted";
  return `${Math.abs(off).toFixed(1)} sd ${off > 0 ? "above" : "below"} the prediction`;
}

function inWords({ value, sd, predicted, doubt }, unit) {
  const expected = `Predicted ${measured(predicted, doubt, unit)}`;
  return value === null ? `${expected}; not measured yet.` : `${expected}; measured ${measured(value, sd, unit)}, ${surprise({ value, sd, predicted, predicted_sd: doubt })}.`;
}
