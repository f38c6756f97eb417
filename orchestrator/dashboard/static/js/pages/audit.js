// The system's own ledger: who signed in, what was refused, which keys came and went. For admins.

import { get } from "../api.js";
import { el, fill, find } from "../dom.js";
import { timeElement } from "../format.js";
import { connection, press, problemBox, startShell } from "../shell.js";

const PAGE = 100;
const rows = el("tbody");
const more = press(el("button", { type: "button", class: "button tall", hidden: true }, "Show more"), () => load());
const problem = el("div");
let after = 0;

fill(find("#main"),
  el("div", { class: "page-head" }, el("div", {}, el("h1", {}, "Audit"), el("p", { class: "soft" }, "Logins, refusals and keys, oldest first, in the same hash chain as every campaign."))),
  problem,
  el("section", { class: "card listing" },
    el("table", { class: "as-cards" }, el("caption", { class: "visually-hidden" }, "System events, oldest first"),
      el("thead", {}, el("tr", {}, ["No.", "When", "Who", "What", "Details"].map((title) => el("th", { scope: "col" }, title)))), rows),
    el("div", { class: "row listing-more" }, more)));
connection("still");
await startShell({ page: "audit", title: "Audit" });
await load();

async function load() {
  try {
    const { events, next } = await get("/audit", { after, limit: PAGE });
    rows.append(...events.map(row));
    after = next;
    more.hidden = !next;
  } catch (refusal) {
    fill(problem, problemBox(refusal));
  }
}

function row({ seq, at, actor, type, data }) {
  const details = Object.entries(data ?? {}).filter(([name, value]) => name !== "type" && value !== null && value !== "").map(([name, value]) => `${name}: ${typeof value === "object" ? JSON.stringify(value) : value}`);
  const cell = (title, ...content) => el("td", { data: { title } }, content);
  return el("tr", {}, cell("No.", seq), cell("When", timeElement(at, { seconds: true })), cell("Who", actor), cell("What", type), el("td", { class: "wide small soft" }, details.join(" · ")));
}
