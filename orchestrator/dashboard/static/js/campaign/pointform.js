// A form with one field per parameter, checked against its limits before anything is sent.

import { el, write } from "../dom.js";
import { quantity } from "../format.js";
import { field } from "./parts.js";

/** Make the form; `read()` gives the point, or null after showing what is wrong. */
export function pointForm(space, point = {}) {
  const fields = space.map((parameter) => parameterField(parameter, point[parameter.name] ?? parameter.fixed));
  return {
    node: el("div", { class: "grid form-grid" }, fields.map((each) => each.node)),
    read() {
      const values = fields.map((each) => each.read());
      const wrong = fields.find((_, index) => values[index] === null);
      wrong?.control.focus();
      return wrong ? null : Object.fromEntries(space.map((parameter, index) => [parameter.name, values[index]]));
    },
  };
}

/** One parameter's field: a number within limits, or one of its values. */
export function parameterField(parameter, value, label = null) {
  const title = label ?? `${parameter.name}${parameter.unit ? ` (${parameter.unit})` : ""}`;
  return parameter.values.length ? choiceField(parameter, value, title) : numberField(parameter, value, title);
}

function choiceField(parameter, value, title) {
  const select = el("select", {}, parameter.values.map((each, index) => el("option", { value: index, selected: each === value }, quantity(each, parameter.unit))));
  const { node, control } = field(title, {}, { input: select });
  return { node, control, read: () => parameter.values[Number(control.value)] };
}

function numberField(parameter, value, title) {
  const { lower, upper, unit, name } = parameter;
  const { node, control } = field(title, { inputmode: "decimal", value: typeof value === "number" ? Number(value.toPrecision(8)) : "" }, { hint: lower === null ? "" : `${quantity(lower)} to ${quantity(upper, unit)}` });
  const error = el("span", { class: "error", role: "alert" });
  node.append(error);
  const problem = (number) => {
    if (control.value.trim() === "" || !Number.isFinite(number)) return `${name} needs a number.`;
    if (parameter.type === "integer" && !Number.isInteger(number)) return `${name} needs a whole number.`;
    if (lower !== null && (number < lower || number > upper)) return `${quantity(number, unit)} is outside ${quantity(lower)} to ${quantity(upper, unit)}; to go there, widen the limits first.`;
    return "";
  };
  return {
    node, control,
    read() {
      const number = Number(control.value.trim().replace("−", "-").replace(",", "."));
      const wrong = problem(number);
      write(error, wrong);
      control.setAttribute("aria-invalid", String(Boolean(wrong)));
      return wrong ? null : number;
    },
  };
}
