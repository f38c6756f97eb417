// Samples × stages: what became of each, and the way to the campaign that it is.

import { campaignPath, post } from "../api.js";
import { el, fill } from "../dom.js";
import { press, toast } from "../shell.js";
import { card } from "./parts.js";

const LEVELS = { succeeded: "done", failed: "bad", running: "ok" };

export function samplesPart(store) {
  const table = el("table", { class: "as-cards" });
  const node = card("Samples", {}, table);
  let shown = "";
  store.on("status", ({ status }) => {
    const now = JSON.stringify([status.samples, status.allowed]);
    node.hidden = status.samples.length === 0;
    if (node.hidden || now === shown) return;
    shown = now;
    fill(table, el("caption", { class: "visually-hidden" }, "Samples and stages"), head(status.samples[0].stages),
      el("tbody", {}, status.samples.map((sample) => row(store, sample, status.allowed.includes("skip")))));
  });
  return node;
}

function head(stages) {
  return el("thead", {}, el("tr", {}, ["Sample", ...stages.map(({ stage }) => stage), ""].map((title) => el("th", { scope: "col" }, title))));
}

function row(store, { sample, position, stages, why }, maySkip) {
  const isOpen = maySkip && !why && stages.some(({ outcome }) => outcome === "to come" || outcome === "running");
  return el("tr", {}, el("th", { scope: "row" }, sample, position ? el("span", { class: "small muted" }, ` at ${position}`) : null),
    stages.map(cell), el("td", {}, why ? el("span", { class: "small" }, why) : null, isOpen ? skipButton(store, sample) : null));
}

function cell({ stage, outcome, part, text, reason }) {
  const said = el("span", { class: `level ${LEVELS[outcome] ?? ""}`, title: reason }, text);
  return el("td", { data: { label: stage } }, part ? el("a", { href: `/campaigns/${encodeURIComponent(part)}` }, said) : said);
}

function skipButton(store, sample) {
  return press(el("button", { type: "button", class: "button quiet", "aria-label": `Skip ${sample}` }, "Skip"), async () => {
    await post(campaignPath(store.campaign, "samples", sample, "skip"), {});
    toast(`${sample} is left`);
  });
}
