// The API, drawn from its own OpenAPI file: routes, who may call them, what they take and give.

import { get } from "../api.js";
import { el, fill, find } from "../dom.js";
import { connection, problemBox, startShell } from "../shell.js";
import { idOf, shape, table } from "../api-docs/shape.js";

const host = el("div", { class: "stack" });
const version = el("span", { class: "soft" });

fill(find("#main"),
  el("div", { class: "page-head" }, el("div", {}, el("h1", {}, "API"), version)),
  host);
connection("still");
await startShell({ page: "api-docs", title: "API" });
try {
  draw(await get("/openapi.json"));
} catch (refusal) {
  fill(host, problemBox(refusal));
}

function draw(api) {
  fill(version, `Version ${api.info.version}. Send a key as “Authorization: Bearer ns_…”, and with every change an “Idempotency-Key” of your own. The whole file: `,
    el("a", { href: "/api/v1/openapi.json" }, "openapi.json"));
  const operations = Object.entries(api.paths).flatMap(([path, item]) => Object.entries(item).map(([method, said]) => ({ path, method, said })));
  const tags = [...new Set(operations.map(({ said }) => said.tags?.[0] ?? "other"))];
  fill(host, tags.map((tag) => group(tag, operations.filter(({ said }) => (said.tags?.[0] ?? "other") === tag).map(operation))),
    group("schemas", Object.entries(api.components.schemas).map(schema)));
  show(location.hash);
  addEventListener("hashchange", () => show(location.hash));
}

function group(title, rows) {
  return el("section", { class: "card" }, el("h2", {}, title), rows);
}

function operation({ path, method, said }) {
  const body = said.requestBody?.content?.["application/json"]?.schema;
  const parameters = (said.parameters ?? []).map((each) => ({ ...each, description: each.description ?? each.schema.description }));
  return el("details", { class: "operation" },
    el("summary", {}, el("span", { class: "method" }, method.toUpperCase()), el("code", {}, path), el("span", { class: "soft" }, said.summary ?? ""), el("span", { class: "chip" }, said["x-role"])),
    el("div", { class: "operation-body" },
      el("p", {}, said.description ?? ""),
      parameters.length > 0 && table(`Parameters of ${method} ${path}`, parameters),
      body && el("p", {}, "Takes ", shape(body)),
      Object.entries(said.responses).filter(([status]) => status < "400").map(([status, answer]) => el("p", {}, `Answers ${status} `, given(answer)))));
}

function given(answer) {
  const [type, { schema: found } = {}] = Object.entries(answer.content ?? {})[0] ?? ["nothing"];
  return type === "application/json" && found ? shape(found) : type;
}

function schema([name, said]) {
  const rows = Object.entries(said.properties ?? {}).map(([field, each]) => ({ name: field, schema: each, description: each.description, required: said.required?.includes(field) }));
  return el("details", { class: "operation", id: idOf(name) },
    el("summary", {}, el("code", {}, name), el("span", { class: "soft" }, (said.description ?? "").split("\n")[0])),
    el("div", { class: "operation-body" }, rows.length ? table(`Fields of ${name}`, rows) : el("p", {}, shape(said))));
}

/** Open the schema a link leads to. */
function show(hash) {
  const found = hash.length > 1 && document.getElementById(decodeURIComponent(hash.slice(1)));
  if (found) {
    found.open = true;
    found.scrollIntoView();
  }
}
