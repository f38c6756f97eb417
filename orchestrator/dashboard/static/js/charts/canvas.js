// A canvas that keeps its size, its theme and its sharpness, and whose points can be pointed at with a finger, a mouse or the keys.

import { el, fill, write } from "../dom.js";
import { inks } from "./colours.js";

const REACH = 28;

/**
 * Make a drawing.
 *
 * `draw(context, {width, height, inks})` draws in CSS pixels and returns what can be pointed at, in the order of the arrow keys:
 * a list of {x, y, lines: () => [text], key}. `byColumn` finds the nearest along x alone. `choose(target)` is called on click and Enter.
 */
export function createPlot({ height, draw, choose = null, byColumn = false }) {
  const canvas = el("canvas", { role: "img", tabindex: "0", "aria-label": "Nothing is drawn yet." });
  const tip = el("div", { class: "tip", hidden: true });
  const mark = el("div", { class: "tip-mark", hidden: true });
  const spoken = el("p", { class: "visually-hidden", "aria-live": "polite" });
  const node = el("div", { class: "plot" }, canvas, mark, tip, spoken);
  let targets = [];
  let active = -1;
  let frame = 0;

  function redraw() {
    if (!frame) frame = requestAnimationFrame(paint);
  }

  function paint() {
    frame = 0;
    const width = node.clientWidth;
    if (!width) return;
    const tall = typeof height === "function" ? height(width) : height;
    const scale = window.devicePixelRatio || 1;
    const began = performance.now();
    if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(tall * scale)) {
      canvas.width = Math.round(width * scale);
      canvas.height = Math.round(tall * scale);
      canvas.style.height = `${tall}px`;
    }
    const context = canvas.getContext("2d");
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, width, tall);
    targets = draw(context, { width, height: tall, inks: inks() }) ?? [];
    canvas.dataset.ms = (performance.now() - began).toFixed(1);
    if (active >= targets.length) hide();
    else if (active >= 0) show(active, false);
  }

  function show(index, isSpoken) {
    active = index;
    const target = targets[index];
    const lines = target.lines();
    fill(tip, lines.map((line, place) => el("div", { class: place ? "" : "first" }, line)));
    tip.hidden = mark.hidden = false;
    mark.style.transform = `translate(${target.x}px, ${target.y}px)`;
    const isRight = target.x > node.clientWidth / 2;
    const left = isRight ? target.x - tip.offsetWidth - 14 : target.x + 14;
    const top = Math.max(0, Math.min(target.y - tip.offsetHeight / 2, canvas.clientHeight - tip.offsetHeight));
    tip.style.transform = `translate(${Math.max(0, Math.min(left, node.clientWidth - tip.offsetWidth))}px, ${top}px)`;
    if (isSpoken) write(spoken, lines.join(", "));
  }

  function hide() {
    active = -1;
    tip.hidden = mark.hidden = true;
  }

  function nearest(event) {
    const box = canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    let found = -1;
    let best = byColumn ? Infinity : REACH ** 2;
    targets.forEach((target, index) => {
      const distance = byColumn ? Math.abs(target.x - x) : (target.x - x) ** 2 + (target.y - y) ** 2;
      if (distance < best) { best = distance; found = index; }
    });
    return found;
  }

  const point = (event) => {
    const index = nearest(event);
    if (index < 0) hide();
    else if (index !== active) show(index, false);
  };
  const steps = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10, Home: -Infinity, End: Infinity };
  canvas.addEventListener("pointermove", point);
  canvas.addEventListener("pointerdown", point);
  canvas.addEventListener("pointerleave", hide);
  canvas.addEventListener("blur", hide);
  canvas.addEventListener("click", (event) => { const index = nearest(event); if (index >= 0) choose?.(targets[index]); });
  canvas.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && active >= 0) { hide(); event.stopPropagation(); return; }
    if (event.key === "Enter" && active >= 0) { choose?.(targets[active]); return; }
    if (!(event.key in steps) || !targets.length) return;
    event.preventDefault();
    const from = active < 0 ? (steps[event.key] > 0 ? -1 : targets.length) : active;
    show(Math.max(0, Math.min(targets.length - 1, from + steps[event.key])), true);
  });
  new ResizeObserver(redraw).observe(node);
  document.addEventListener("themechange", redraw);

  return {
    node, redraw,
    describe(text) { if (canvas.getAttribute("aria-label") !== text) canvas.setAttribute("aria-label", text); },
  };
}

/** Set type: `write at 12 px`. */
export function type(context, { inks: colours, size = 12, weight = 400, colour = "ink-3", align = "left", baseline = "alphabetic" }) {
  context.font = `${weight} ${size}px ${colours.font}`;
  context.fillStyle = colours[colour] ?? colour;
  context.textAlign = align;
  context.textBaseline = baseline;
}

/** A line through points given as a function of the index. */
export function trace(context, count, at) {
  context.beginPath();
  for (let index = 0; index < count; index += 1) {
    const [x, y] = at(index);
    if (index) context.lineTo(x, y);
    else context.moveTo(x, y);
  }
}
