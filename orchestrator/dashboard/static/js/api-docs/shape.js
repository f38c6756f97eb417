// JSON Schema in a few words: what a value is, within which bounds, and where its parts are described.

import { el } from "../dom.js";

const BOUNDS = [["minimum", "≥"], ["exclusiveMinimum", ">"], ["maximum", "≤"], ["exclusiveMaximum", "<"], ["minLength", "length ≥"], ["maxLength", "length ≤"], ["minItems", "items ≥"], ["maxItems", "items ≤"], ["maxProperties", "entries ≤"], ["pattern", "matches"]];

const nameOf = (reference) => reference.split("/").pop();
export const idOf = (name) => `schema-${name}`;

/** A value's type, as nodes: named schemas are links. */
export function shape(schema = {}) {
  if (schema.$ref) return [el("a", { href: `#${idOf(nameOf(schema.$ref))}` }, nameOf(schema.$ref))];
  const choices = schema.anyOf ?? schema.oneOf ?? schema.allOf;
  if (choices) return choices.flatMap((each, index) => [index ? " or " : "", ...shape(each)]);
  if (schema.const !== undefined) return [JSON.stringify(schema.const)];
  if (schema.enum) return [schema.enum.map((value) => JSON.stringify(value)).join(" or ")];
  if (schema.type === "array") return ["list of ", ...shape(schema.items)];
  if (schema.type === "object" && typeof schema.additionalProperties === "object") return ["text to ", ...shape(schema.additionalProperties)];
  return [[schema.type ?? "anything", schema.format].filter(Boolean).join(", ")];
}

/** The bounds, defaults and words that go with a value. */
export function notes(schema = {}) {
  const inner = [schema, ...(schema.anyOf ?? [])];
  const bounds = inner.flatMap((each) => BOUNDS.filter(([key]) => key in each).map(([key, sign]) => `${sign} ${each[key]}`));
  const standard = "default" in schema ? [`default ${JSON.stringify(schema.default)}`] : [];
  return [...bounds, ...standard].join("; ");
}

/** A table of named values: parameters of an operation, or fields of a schema. */
export function table(caption, rows) {
  const cells = (row) => [el("td", {}, el("code", {}, row.name), row.required ? "" : el("span", { class: "soft small" }, " optional")), el("td", {}, shape(row.schema)), el("td", { class: "small" }, [row.description, notes(row.schema)].filter(Boolean).join(" · "))];
  return el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
    el("table", {}, el("caption", { class: "visually-hidden" }, caption),
      el("thead", {}, el("tr", {}, ["Name", "Type", "Meaning"].map((title) => el("th", { scope: "col" }, title)))),
      el("tbody", {}, rows.map((row) => el("tr", {}, cells(row))))));
}
