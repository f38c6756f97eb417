// Best-so-far curves of several campaigns in one drawing, each named where it ends.

import { number } from "../format.js";
import { shape } from "./sparkline.js";
import { ticks, wholeTicks } from "./ticks.js";

const HEIGHT = 360;
const EDGE = { left: 64, top: 12, bottom: 42 };
const LINE_HEIGHT = 17;
const NARROW = 560;

/**
 * Draw curves into `host`, again whenever its width changes.
 *
 * A curve is {index, letter, name, values}; the index chooses colour and dashes, so that neither is needed alone.
 */
export function drawCurves(host, curves, label) {
  const draw = () => host.replaceChildren(drawing(curves, host.clientWidth, label));
  new ResizeObserver(draw).observe(host);
  draw();
}

function drawing(curves, width, label) {
  const isNarrow = width < NARROW;
  const right = isNarrow ? 28 : 150;
  const frame = { left: EDGE.left, right: Math.max(EDGE.left + 60, width - right), top: EDGE.top, bottom: HEIGHT - EDGE.bottom };
  const values = curves.flatMap((curve) => curve.values);
  const scale = scales(frame, Math.max(...curves.map((curve) => curve.values.length), 1), Math.min(...values), Math.max(...values));
  const svg = shape("svg", { viewBox: `0 0 ${Math.max(width, 1)} ${HEIGHT}`, class: "curves", role: "img", "aria-label": label });
  svg.append(...axes(frame, scale), ...curves.map((curve) => line(curve, scale)), ...names(curves, scale, frame, isNarrow));
  return svg;
}

function scales(frame, nTrials, low, high) {
  const margin = high > low ? 0.05 * (high - low) : Math.abs(high) * 0.1 || 1;
  const [bottom, top] = [low - margin, high + margin];
  return {
    nTrials, bottom, top,
    x: (trial) => frame.left + ((trial - 1) / Math.max(1, nTrials - 1)) * (frame.right - frame.left),
    y: (value) => frame.bottom - ((value - bottom) / (top - bottom)) * (frame.bottom - frame.top),
  };
}

function axes(frame, { x, y, nTrials, bottom, top }) {
  const rows = ticks(bottom, top, 5).flatMap((value) => [
    shape("path", { d: `M${frame.left},${y(value)}H${frame.right}`, class: "grid" }),
    shape("text", { x: frame.left - 8, y: y(value) + 4, class: "tick end" }, number(value)),
  ]);
  const columns = wholeTicks(nTrials).filter((trial) => trial >= 1).map((trial) => shape("text", { x: x(trial), y: frame.bottom + 18, class: "tick middle" }, number(trial)));
  return [
    ...rows, ...columns,
    shape("path", { d: `M${frame.left},${frame.bottom}H${frame.right}`, class: "axis" }),
    shape("text", { x: (frame.left + frame.right) / 2, y: HEIGHT - 6, class: "tick middle" }, "scored trials"),
  ];
}

/** A stair: only its corners are drawn, however many trials there were. */
function line({ index, values }, { x, y }) {
  let path = `M${x(1)},${y(values[0])}`;
  values.forEach((value, place) => { if (place && value !== values[place - 1]) path += `H${x(place + 1)}V${y(value)}`; });
  return shape("path", { d: `${path}H${x(values.length)}`, class: `curve series-${index}` });
}

/** Names at the curves' ends, moved apart where they would overlap. */
function names(curves, { x, y }, frame, isNarrow) {
  const places = curves.map((curve) => ({ curve, x: x(curve.values.length), y: y(curve.values.at(-1)), at: y(curve.values.at(-1)) })).sort((a, b) => a.y - b.y);
  places.forEach((place, index) => { if (index) place.at = Math.max(place.at, places[index - 1].at + LINE_HEIGHT); });
  for (let index = places.length - 1, lowest = frame.bottom; index >= 0; index -= 1, lowest -= LINE_HEIGHT) places[index].at = Math.min(places[index].at, lowest);
  return places.flatMap(({ curve, x: from, y: end, at }) => [
    shape("path", { d: `M${from},${end}L${frame.right + 6},${at}`, class: "leader" }),
    shape("circle", { cx: from, cy: end, r: 3.5, class: `curve-end series-${curve.index}` }),
    shape("text", { x: frame.right + 10, y: at + 4, class: `curve-name series-${curve.index}` }, isNarrow ? curve.letter : `${curve.letter}  ${curve.name}`),
  ]);
}
