// Small pieces that several parts of the campaign page use.

import { el, unique } from "../dom.js";
import { measured, quantity } from "../format.js";
import { icon } from "../icons.js";
import { intervalPlot, surprise } from "../charts/interval.js";

/** A card with a heading; `end` stands at the heading's right. */
export function card(title, { end = null, className = "" } = {}, ...children) {
  const heading = unique("part");
  return el("section", { class: `card ${className}`, "aria-labelledby": heading },
    el("header", {}, el("h2", { id: heading }, title), end ? el("div", { class: "end row" }, end) : null), ...children);
}

/** Buttons of which one is pressed; `choose` gets its value. Returns {node, select}. */
export function segments(label, options, choose) {
  const buttons = options.map(([value, text]) => el("button", { type: "button", "aria-pressed": "false", data: { value }, onclick: () => { select(value); choose(value); } }, text));
  const node = el("div", { class: "segments", role: "group", "aria-label": label }, buttons);
  const select = (value) => { for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.value === String(value))); };
  return { node, select };
}

/** A select with a label. `options` are [value, text]. */
export function picker(label, options, choose, { isLabelShown = true } = {}) {
  const id = unique("pick");
  const select = el("select", { id, onchange: () => choose(select.value) }, options.map(([value, text]) => el("option", { value }, text)));
  return { node: el("span", { class: "row compact" }, el("label", { for: id, class: isLabelShown ? "label" : "visually-hidden" }, label), select), select };
}

/** A labelled input. `attributes` go to the input. */
export function field(label, attributes, { hint = "", input = null } = {}) {
  const id = unique("field");
  const control = input ?? el("input", { autocomplete: "off", ...attributes });
  control.id = id;
  if (hint) control.setAttribute("aria-describedby", `${id}-hint`);
  return { control, node: el("div", { class: "field" }, el("label", { for: id }, label), control, hint ? el("span", { class: "hint", id: `${id}-hint` }, hint) : null) };
}

/** A point as a small table: name, value, unit. */
export function pointList(point, units) {
  return el("dl", { class: "pairs point" }, Object.entries(point).map(([name, value]) => [el("dt", {}, name), el("dd", {}, quantity(value, units[name]))]));
}

/** Units by parameter. */
export const unitsOf = (status) => Object.fromEntries(status.space.map((parameter) => [parameter.name, parameter.unit]));

/** Predicted and measured of one objective, drawn and in words. */
export function comparison(objective, score) {
  const drawn = intervalPlot({ value: null, ...score }, objective.unit);
  const got = score.value === null || score.value === undefined ? null : measured(score.value, score.sd, objective.unit);
  const expected = score.predicted === null || score.predicted === undefined ? null : measured(score.predicted, score.predicted_sd, objective.unit);
  return el("div", { class: "comparison" },
    el("div", { class: "row" }, el("span", { class: "label" }, objective.name), got ? el("span", { class: "strong" }, got) : el("span", { class: "muted" }, "not measured yet"),
      expected ? el("span", { class: "small soft" }, `predicted ${expected}`) : null, surprise(score) ? el("span", { class: "small muted" }, surprise(score)) : null),
    drawn);
}

/** What a guardian said. */
export function verdictLine(verdict) {
  const level = { allow: "ok", hold: "attention", "re-measure": "waiting" }[verdict.answer] ?? "bad";
  return el("li", { class: `level ${level} verdict-line-item` }, el("span", { class: `chip level ${level}` }, icon(level), `${verdict.guardian}: ${verdict.answer}`), verdict.reason ? el("span", { class: "small soft" }, verdict.reason) : null);
}
