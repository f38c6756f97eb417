// Samples × stages: what became of each, the best of each, and the way to the campaign that each is.

import { campaignPath, post } from "../api.js";
import { el, fill, keyed, write } from "../dom.js";
import { quantity } from "../format.js";
import { icon } from "../icons.js";
import { press, toast } from "../shell.js";
import { card } from "./parts.js";

const LEVELS = { succeeded: "ok", failed: "bad", running: "done" };
const ICONS = { succeeded: "check", failed: "close", running: "play" };

/** One row a sample, one column a stage. Rows are updated in place, so that a focused link keeps the focus. */
export function samplesPart(store) {
  const head = el("thead", {});
  const body = el("tbody", {});
  const table = el("table", { class: "as-cards samples" }, el("caption", { class: "visually-hidden" }, "Samples and stages"), head, body);
  const node = card("Samples", {}, el("div", { class: "scroll" }, table));
  store.on("status", ({ status }) => {
    const { samples, night } = status;
    if (!head.firstChild) fill(head, headOf(samples[0].stages));
    const maySkip = status.allowed.includes("skip");
    keyed(body, samples, {
      key: ({ sample }) => sample,
      build: () => el("tr", {}),
      update: (row, sample) => keyed(row, cellsOf(store, sample, night.part, maySkip), { key: ({ key }) => key, build: ({ build }) => build(), update: (cell, { update }) => update(cell) }),
    });
  });
  return node;
}

function headOf(stages) {
  const end = el("th", { scope: "col" }, el("span", { class: "visually-hidden" }, "Why not, and skip"));
  return el("tr", {}, ["Sample", ...stages.map(({ stage }) => stage), "Best"].map((title) => el("th", { scope: "col" }, title)), end);
}

function cellsOf(store, sample, doing, maySkip) {
  return [nameCell(sample), ...sample.stages.map((stage) => stageCell(sample.sample, stage, doing)), bestCell(sample), lastCell(store, sample, maySkip)];
}

const nameCell = ({ sample, position }) => ({
  key: "sample",
  build: () => el("th", { scope: "row" }, el("span", { class: "strong" }, sample), position ? el("span", { class: "small muted" }, ` at ${position}`) : null),
  update: () => {},
});

function stageCell(sample, { stage, outcome, part, text, reason }, doing) {
  const said = () => el("span", { class: "sample-outcome" }, el("span", { class: "sample-icon" }), el("span", { class: "visually-hidden" }, `${sample} ${stage}: `), el("span", { class: "sample-text" }));
  return {
    key: `${stage}${part ? " begun" : ""}`,
    build: () => el("td", { data: { title: stage } }, part ? el("a", { href: `/campaigns/${encodeURIComponent(part)}` }, said()) : said()),
    update: (cell) => {
      write(cell.querySelector(".sample-text"), doing?.part === part ? trialOf(doing) : text);
      if (cell.dataset.outcome === outcome) return;
      cell.dataset.outcome = outcome;
      cell.className = `level ${LEVELS[outcome] ?? ""}`;
      cell.title = reason;
      fill(cell.querySelector(".sample-icon"), outcome in ICONS ? icon(ICONS[outcome]) : []);
    },
  };
}

const bestCell = ({ best }) => ({
  key: "best",
  build: () => el("td", { data: { title: "Best" } }, el("span", { class: "strong nowrap" }), el("span", { class: "small muted" })),
  update: (cell) => {
    write(cell.firstChild, best ? quantity(best.value, best.unit, 5) : "–");
    write(cell.lastChild, best ? ` in ${best.stage}` : "");
  },
});

function lastCell(store, { sample, stages, why }, maySkip) {
  const isOpen = maySkip && !why && stages.some(({ outcome }) => outcome === "to come" || outcome === "running");
  return {
    key: isOpen ? "skip" : "why",
    build: () => el("td", { class: "wide" }, isOpen ? skipButton(store, sample) : el("span", { class: "small" })),
    update: (cell) => { if (!isOpen) write(cell.firstChild, why); },
  };
}

function skipButton(store, sample) {
  return press(el("button", { type: "button", class: "button quiet", "aria-label": `Skip ${sample}` }, "Skip"), async () => {
    await post(campaignPath(store.campaign, "samples", sample, "skip"), {});
    toast(`${sample} is left`);
  });
}

/** `trial 7 of 20` of the part that runs. */
export const trialOf = ({ n_trials: n, trials_limit: limit }) => (n ? `trial ${n}${limit ? ` of ${limit}` : ""}` : "begins");
