// The last decisions as cards: why this point, what was predicted and measured, what else was considered.

import { el, fill, keyed, write } from "../dom.js";
import { ageElement, duration, plural, pointText } from "../format.js";
import { icon } from "../icons.js";
import { card, comparison, unitsOf, verdictLine } from "./parts.js";

const FEW = matchMedia("(max-width: 64rem)").matches ? 3 : 6;
const MOST = 30;
const LEVELS = { scored: "ok", vetoed: "bad", failed: "bad", "waiting for approval": "attention" };

export function decisionsPart(store, openTrial) {
  let count = FEW;
  const list = el("ol", { class: "decisions" });
  const empty = el("p", { class: "empty" }, "Nothing is decided yet.");
  const more = el("button", { type: "button", class: "button quiet", onclick: () => { count = MOST; show(store); } }, "Show more");
  const predictions = el("p", { class: "small muted" });
  const node = card("Last decisions", {}, predictions, list, empty, more);

  function show() {
    if (!store.status) return;
    const trials = store.trials();
    const latest = trials.slice(-count).reverse();
    empty.hidden = latest.length > 0;
    more.hidden = count === MOST || trials.length <= FEW;
    keyed(list, latest, { key: (trial) => trial.trial, build: () => el("li", { class: "decision" }), update: (item, trial) => showCard(item, trial, store, openTrial) });
  }
  store.on("trials", show);
  store.on("status", ({ status }) => {
    const told = status.predictions ?? [];
    predictions.hidden = told.length === 0;
    write(predictions, told.map((sentence) => `${sentence}.`).join(" "));
  });
  return node;
}

function showCard(item, trial, store, openTrial) {
  const isBest = store.status.best?.trial === trial.trial;
  const version = JSON.stringify([trial.status, trial.scores, trial.attempts, trial.dead_s, isBest, trial.note]);
  if (item.dataset.version === version) return;
  item.dataset.version = version;
  item.className = `decision ${isBest ? "is-best" : ""}`;
  const hadFocus = item.contains(document.activeElement);
  const open = el("button", { type: "button", class: "link-button decision-open", "aria-label": `Trial ${trial.trial}: details`, onclick: () => openTrial(trial.trial) }, `Trial ${trial.trial}`);
  fill(item,
    el("div", { class: "row" }, el("h3", {}, open), chips(trial, isBest), el("span", { class: "small muted end" }, ageElement(trial.finished_at ?? trial.suggested_at))),
    el("p", { class: "note soft why" }, firstSentence(trial.why)),
    el("p", { class: "small point-line" }, pointText(trial.point, unitsOf(store.status))),
    trial.dead_s === null ? null : el("p", { class: "small muted" }, `Dead time before it: ${duration(trial.dead_s)}`),
    store.status.objectives.filter(({ name }) => trial.scores[name] && trial.status !== "vetoed").map((objective) => comparison(objective, trial.scores[objective.name])),
    trial.note ? el("p", { class: "small level bad decision-note" }, trial.note) : null,
    trial.verdicts.length ? el("ul", { class: "stack tight" }, trial.verdicts.map(verdictLine)) : null,
    trial.runners_up.length ? el("p", { class: "small muted" }, `${plural(trial.runners_up.length, "runner-up", "runners-up")} considered: ${pointText(trial.runners_up[0], unitsOf(store.status))}${trial.runners_up.length > 1 ? " …" : ""}`) : null);
  if (hadFocus) open.focus();
}

/** Why in one sentence; the rest stands in the details. */
const firstSentence = (text) => text.split(/(?<=[.!?])\s+(?=[A-Z])/, 1)[0];

function chips(trial, isBest) {
  return [
    isBest ? el("span", { class: "chip best-chip" }, icon("star"), "best") : null,
    el("span", { class: `chip level ${LEVELS[trial.status] ?? "waiting"}` }, icon(LEVELS[trial.status] ?? "waiting"), trial.status),
    trial.kind === "agent" ? null : el("span", { class: "chip outline" }, trial.kind === "human" ? icon("person") : null, trial.kind),
    trial.role === "fallback" ? el("span", { class: "chip outline" }, "fallback") : null,
    trial.attempts > 1 ? el("span", { class: "chip outline" }, icon("repeat"), `attempt ${trial.attempts}`) : null,
  ];
}
