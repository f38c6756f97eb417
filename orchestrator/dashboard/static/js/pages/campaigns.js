// All campaigns ever recorded: filter, page, and choose some to compare.

import { get } from "../api.js";
import { el, fill, find } from "../dom.js";
import { ageElement, number, plural, timeElement } from "../format.js";
import { icon } from "../icons.js";
import { afterTyping, parameter, remember } from "../paging.js";
import { connection, failed, press, problemBox, refuse, startShell, toast } from "../shell.js";
import { STATUSES, statusChip } from "../standing.js";

const PAGE = 50;
const MOST_COMPARED = 10;
const chosen = new Set();
let next = null;
let asked = 0;

const status = el("select", { id: "status" }, el("option", { value: "" }, "any"), STATUSES.map((word) => el("option", { value: word }, word)));
const name = el("input", { id: "name", type: "search", placeholder: "contains …", autocomplete: "off", spellcheck: "false" });
const rows = el("tbody");
const more = press(el("button", { type: "button", class: "button tall", hidden: true }, "Show more"), () => load(next));
const nothing = el("div", { class: "empty", role: "status" });
const compare = press(el("button", { type: "button", class: "button primary" }), () => location.assign(`/compare?${[...chosen].map((each) => `campaign=${encodeURIComponent(each)}`).join("&")}`));

status.value = parameter("status");
name.value = parameter("name");
status.addEventListener("change", () => load());
name.addEventListener("input", afterTyping(() => load()));

fill(find("#main"),
  el("div", { class: "page-head" }, el("h1", {}, "Campaigns"), el("a", { class: "button end", href: "/new" }, icon("plus"), "New campaign")),
  el("form", { class: "row filters", role: "search", onsubmit: (event) => event.preventDefault() },
    el("div", { class: "field" }, el("label", { for: "status" }, "Status"), status),
    el("div", { class: "field" }, el("label", { for: "name" }, "Name"), name),
    el("div", { class: "end" }, compare)),
  el("div", { class: "card listing" },
    el("table", { class: "as-cards" }, el("caption", { class: "visually-hidden" }, "Campaigns, newest first"), head(), rows),
    nothing, el("div", { class: "row listing-more" }, more)));
showChosen();
connection("still");
await startShell({ page: "campaigns", title: "Campaigns" });
load();

function head() {
  const titles = ["Campaign", "Status", "Trials", "Best", "Created", "Last news"];
  return el("thead", {}, el("tr", {}, el("th", {}, el("span", { class: "visually-hidden" }, "Compare")), titles.map((title) => el("th", { scope: "col" }, title))));
}

/** Load the first page, or the one a cursor names; an older answer never overwrites a newer one. */
async function load(cursor = null) {
  remember({ status: status.value, name: name.value });
  asked += 1;
  const mine = asked;
  try {
    const page = await get("/campaigns", { status: status.value, name: name.value, limit: PAGE, cursor });
    if (mine !== asked) return;
    if (!cursor) rows.replaceChildren();
    rows.append(...page.campaigns.map(row));
    next = page.next;
    more.hidden = !next;
    showNothing();
  } catch (problem) {
    if (cursor) failed(problem);
    else fill(nothing, problemBox(problem));
  }
}

function showNothing() {
  const isFiltered = status.value || name.value;
  nothing.hidden = rows.children.length > 0;
  fill(nothing, isFiltered ? ["No campaign fits. ", el("button", { type: "button", class: "link-button", onclick: clear }, "Show all")] : ["No campaign yet. ", el("a", { href: "/new" }, "Start the first one")]);
}

function clear() {
  status.value = "";
  name.value = "";
  load();
}

function row(campaign) {
  const box = el("input", { type: "checkbox", checked: chosen.has(campaign.campaign), "aria-label": `Compare ${campaign.campaign}`, onchange: () => choose(campaign.campaign, box) });
  const cell = (title, ...content) => el("td", { data: { title } }, content);
  return el("tr", {},
    el("td", { class: "pick" }, el("label", {}, box)),
    el("td", { class: "wide" }, el("a", { class: "strong", href: `/campaigns/${encodeURIComponent(campaign.campaign)}` }, campaign.name), el("br"), el("span", { class: "small muted" }, campaign.campaign)),
    cell("Status", statusChip(campaign.status, campaign.is_run), campaign.reason ? el("p", { class: "small muted reason" }, campaign.reason) : null),
    cell("Trials", campaign.trials),
    cell("Best", number(campaign.best_score)),
    cell("Created", timeElement(campaign.created_at)),
    cell("Last news", ageElement(campaign.updated_at)));
}

function choose(campaign, box) {
  if (box.checked && chosen.size === MOST_COMPARED) {
    box.checked = false;
    toast(`${MOST_COMPARED} campaigns can be compared at once.`, "attention");
    return;
  }
  if (box.checked) chosen.add(campaign);
  else chosen.delete(campaign);
  showChosen();
}

function showChosen() {
  fill(compare, chosen.size ? `Compare ${plural(chosen.size, "campaign")}` : "Compare");
  refuse(compare, chosen.size ? "" : "Choose the campaigns to compare first, with the boxes in the list.");
}
