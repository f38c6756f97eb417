// What waits for a person, in every campaign.

import { get } from "../api.js";
import { approvalCard } from "../approvals/card.js";
import { el, fill, find, keyed } from "../dom.js";
import { plural, serverSays } from "../format.js";
import { icon } from "../icons.js";
import { connection, failed, setWaiting, startShell } from "../shell.js";
import { listen } from "../stream.js";

const LOOK_EVERY_MS = 15_000;
const summary = el("p", { class: "soft", role: "status" });
const cards = el("ul", { class: "stack" });
const nothing = el("div", { class: "card empty", hidden: true }, icon("ok"), el("p", {}, "Nothing waits for you."));
let lastSeen = "";

fill(find("#main"), el("div", { class: "page-head" }, el("div", {}, el("h1", {}, "Approvals"), summary)), cards, nothing);
await startShell({ page: "approvals", title: "Approvals" });
await look();
if (location.hash) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
listen("/stream", { fleet: follow }, { state: connection });
setInterval(look, LOOK_EVERY_MS);

/** Look again when what waits may have changed, not with every trial of every campaign. */
function follow(fleet) {
  serverSays(fleet.now);
  const seen = JSON.stringify(fleet.campaigns.filter(({ waiting }) => waiting).map(({ campaign, standing }) => [campaign, standing.since]));
  if (seen !== lastSeen) look();
  lastSeen = seen;
}

async function look() {
  try {
    show((await get("/approvals")).waiting);
  } catch (problem) {
    if (problem.name !== "Unreachable") failed(problem);
  }
}

function show(waiting) {
  setWaiting(waiting.length);
  nothing.hidden = waiting.length > 0;
  fill(summary, waiting.length ? `${plural(waiting.length, "suggestion")} ${waiting.length === 1 ? "waits" : "wait"} for a person, the longest wait first` : "");
  keyed(cards, waiting, { key: ({ campaign, suggestion_hash: hash }) => `${campaign} ${hash}`, build: (each) => approvalCard(each, look) });
}
