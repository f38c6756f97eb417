// One campaign: how it stands, why, what it found, and what a person can do.

import { actionsPart } from "../campaign/actions.js";
import { approvalPart } from "../campaign/approval.js";
import { budgetPart } from "../campaign/budget.js";
import { decisionsPart } from "../campaign/decisions.js";
import { openTrialOf } from "../campaign/detail.js";
import { crumb, inBeamPart } from "../campaign/inbeam.js";
import { frontPart } from "../campaign/front.js";
import { followInstrument, instrumentPart, signalPart } from "../campaign/instrument.js";
import { follow } from "../campaign/loading.js";
import { progressPart } from "../campaign/progress.js";
import { samplesPart } from "../campaign/samples.js";
import { spacePart } from "../campaign/space.js";
import { steeringPart } from "../campaign/steering.js";
import { createStore } from "../campaign/store.js";
import { timelinePart } from "../campaign/timeline.js";
import { verdictPart } from "../campaign/verdict.js";
import { el, fill, find, write } from "../dom.js";
import { problemBox, startShell } from "../shell.js";

const campaign = decodeURIComponent(location.pathname.split("/")[2]);
const main = find("#main");

await startShell({ page: "campaigns", title: "Campaign" });
const store = createStore(campaign);
const openTrial = openTrialOf(store);
const live = followInstrument(store);
const actions = actionsPart(store);

const report = el("a", { href: `/campaigns/${encodeURIComponent(campaign)}/report` }, "Report");
const links = el("p", { class: "row small page-links" }, report,
  el("a", { href: `/compare?campaign=${encodeURIComponent(campaign)}` }, "Compare"),
  el("a", { href: `/api/v1/campaigns/${encodeURIComponent(campaign)}/table`, download: `${campaign}.csv` }, "Table (CSV)"),
  el("a", { href: `/api/v1/campaigns/${encodeURIComponent(campaign)}/spec` }, "Spec"));

const page = [verdictPart(store, [...actions.inCard, links]), approvalPart(store)];
const right = [signalPart(store, live), budgetPart(store), instrumentPart(store, live)];
const last = [steeringPart(store), timelinePart(store)];

/** What stands at the left: a campaign over samples measures nothing itself, its parts do. */
function body(status) {
  if (status.night) return columns([inBeamPart(store), samplesPart(store)], right, [], last);
  return columns([frontPart(store, openTrial), progressPart(store, openTrial), spacePart(store, openTrial)], right, [decisionsPart(store, openTrial)], last);
}

/** Two columns on a desk; on a phone the decisions come after the instrument, in the document too, so that keys follow what is seen. */
function columns(left, right, decisions, last) {
  const [first, second] = [el("div", { class: "stack" }, left), el("div", { class: "stack" }, right, last)];
  const isNarrow = matchMedia("(max-width: 64rem)");
  const arrange = () => { if (isNarrow.matches) last[0].before(...decisions); else first.append(...decisions); };
  isNarrow.addEventListener("change", arrange);
  arrange();
  return el("div", { class: "columns" }, first, second);
}

let isShown = false;
store.on("status", ({ status }) => {
  const isOver = ["completed", "aborted"].includes(status.status);
  report.className = isOver ? "button primary tall" : "";
  write(report, isOver ? "Read the report" : "Report");
  if (isShown) return;
  isShown = true;
  fill(main, status.part_of ? crumb(status.part_of) : [], page, body(status));
  for (const topic of ["status", "trials", "progress", "events"]) store.touch(topic);  // what came before there was anybody to hear it
  document.body.append(actions.bar);
  document.documentElement.dataset.ready = "true";
});

try {
  await follow(store);
} catch (problem) {
  if (isShown) throw problem;
  fill(main, el("div", { class: "narrow stack" }, el("h1", {}, "This campaign cannot be shown"), problemBox(problem), el("p", {}, el("a", { class: "button", href: "/campaigns" }, "All campaigns"))));
}
