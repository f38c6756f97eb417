// Fields for a point: one per parameter, with its unit and limits.

import { el, unique } from "./dom.js";
import { number, quantity } from "./format.js";

/**
 * Fields for `space` (the parameters of a CampaignStatus), filled from `point`.
 *
 * Returns {node, read}; `read()` gives the point, or null after marking what is wrong.
 */
export function pointForm(space, point = {}) {
  const fields = space.map((parameter) => field(parameter, parameter.fixed ?? point[parameter.name]));
  return {
    node: el("div", { class: "point-form" }, fields.map(({ node }) => node)),
    read() {
      const wrong = fields.find((each) => each.problem());
      wrong?.input.focus();
      return wrong ? null : Object.fromEntries(fields.map(({ name, value }) => [name, value()]));
    },
  };
}

function field(parameter, given) {
  const { name, unit, values } = parameter;
  const [id, hintId] = [unique("point"), unique("limits")];
  const hint = el("p", { class: "hint", id: hintId }, limits(parameter));
  const input = values.length ? choice(id, values, given) : el("input", { id, type: "text", inputmode: "decimal", autocomplete: "off", value: given ?? "", "aria-describedby": hintId });
  if (parameter.fixed !== null) input.disabled = true;
  const value = () => (values.length ? values[input.selectedIndex] : Number(input.value));
  function problem() {
    const found = values.length ? "" : wrong(input.value, parameter);
    input.setAttribute("aria-invalid", String(Boolean(found)));
    hint.className = found ? "error" : "hint";
    hint.textContent = found || limits(parameter);
    return found;
  }
  input.addEventListener("change", problem);
  return { name, input, value, problem, node: el("div", { class: "field" }, el("label", { for: id }, name, unit ? ` (${unit})` : ""), input, hint) };
}

function choice(id, values, given) {
  const select = el("select", { id }, values.map((value) => el("option", {}, String(value))));
  select.selectedIndex = Math.max(0, values.indexOf(given));
  return select;
}

function limits({ lower, upper, unit, fixed }) {
  if (fixed !== null) return "fixed by a person";
  return lower === null ? "" : `${number(lower)} to ${quantity(upper, unit)}`;
}

function wrong(written, { name, type, lower, upper, unit }) {
  const value = Number(written);
  if (written.trim() === "" || !Number.isFinite(value)) return `${name} must be a number`;
  if (type === "integer" && !Number.isInteger(value)) return `${name} must be a whole number`;
  const isOutside = lower !== null && (value < lower || value > upper);
  return isOutside ? `${name} = ${written} is outside ${number(lower)} to ${quantity(upper, unit)}` : "";
}
