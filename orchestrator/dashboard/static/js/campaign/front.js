// The Pareto front of several objectives: the trials a person has to choose from, each a step from its details.

import { el, fill, keyed, write } from "../dom.js";
import { measured, plural } from "../format.js";
import { card } from "./parts.js";

/** A small table; hidden where there is one objective, which has a best point instead. */
export function frontPart(store, openTrial) {
  const head = el("tr", {});
  const body = el("tbody", {});
  const note = el("p", { class: "small muted" });
  const table = el("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": "Trials on the Pareto front" },
    el("table", { class: "front" }, el("caption", { class: "visually-hidden" }, "Pareto front"), el("thead", {}, head), body));
  const node = card("Pareto front", {}, note, table);
  node.hidden = true;
  store.on("status", ({ status: { front, objectives } }) => {
    node.hidden = !front;
    if (!front) return;
    if (!head.firstChild) fill(head, headOf(objectives));
    table.hidden = front.n === 0;
    write(note, said(front));
    keyed(body, front.trials, {
      key: ({ trial }) => trial,
      build: ({ trial }) => rowOf(trial, objectives, openTrial),
      update: (row, { scores }) => objectives.forEach((objective, index) => write(row.children[index + 1], shown(scores[objective.name], objective))),
    });
  });
  return node;
}

const headOf = (objectives) => [
  el("th", { scope: "col" }, "trial"),
  ...objectives.map(({ name, goal }) => el("th", { scope: "col" }, `${name}, ${goal}d`)),
];

const rowOf = (trial, objectives, openTrial) => el("tr", {},
  el("td", {}, el("button", { type: "button", class: "link-button", "aria-label": `Trial ${trial}: details`, onclick: () => openTrial(trial) }, trial)),
  objectives.map(() => el("td", { class: "nowrap" })));

const shown = (score, { unit }) => (score ? measured(score.value, score.sd, unit) : "–");

function said({ n, trials }) {
  if (n === 0) return "Nothing is scored yet. The front begins with the first trial scored in every objective.";
  if (n === 1) return "One trial is the best in every objective.";
  const rest = trials.length < n ? `; ${trials.length} of them, from one end to the other` : "";
  return `${plural(n, "trial")}, none of which another beats in every objective${rest}.`;
}
