// Several campaigns side by side: how fast each found what, and what it cost.

import { get } from "../api.js";
import { drawCurves } from "../charts/curves.js";
import { choosing } from "../compare/choosing.js";
import { figures } from "../compare/figures.js";
import { el, fill, find } from "../dom.js";
import { measured } from "../format.js";
import { parameters, remember } from "../paging.js";
import { connection, problemBox, startShell } from "../shell.js";

const LETTERS = "ABCDEFGHIJ";
const chooser = el("div");
const result = el("div", { class: "stack" });
let chosen = parameters("campaign").slice(0, LETTERS.length);

fill(find("#main"), el("div", { class: "page-head" }, el("h1", {}, "Compare")), el("div", { class: "stack" }, chooser, result));
connection("still");
await startShell({ page: "compare", title: "Compare" });
choose(chosen);

async function choose(campaigns) {
  chosen = [...new Set(campaigns)].slice(0, LETTERS.length);
  remember({ campaign: chosen });
  fill(chooser, choosing(chosen, { add: (campaign) => choose([...chosen, campaign]), remove: (campaign) => choose(chosen.filter((each) => each !== campaign)) }));
  if (!chosen.length) {
    fill(result, el("p", { class: "card empty" }, "Choose campaigns here, or with the boxes in ", el("a", { href: "/campaigns" }, "the list"), "."));
    return;
  }
  try {
    show((await get("/compare", { campaign: chosen })).campaigns);
  } catch (problem) {
    fill(result, problemBox(problem));
  }
}

function show(compared) {
  const curves = compared.map((each, index) => ({ index, letter: LETTERS[index], name: `${each.agent}`, values: each.best_so_far, compared: each }));
  fill(result, [...grouped(curves).keys()].map(panel), el("section", { class: "card" }, el("header", {}, el("h2", {}, "Figures")), figures(curves)));
  for (const host of result.querySelectorAll("[data-curves]")) {
    const group = grouped(curves).get(host.dataset.curves).filter(({ values }) => values.length);
    if (group.length) drawCurves(host, group, inWords(group));
    else fill(host, el("p", { class: "empty" }, "No scored trial yet."));
  }
}

/** Curves that share an axis: the same objective, goal and unit. */
function grouped(curves) {
  const groups = new Map();
  for (const curve of curves) {
    const { goal, objective, unit } = curve.compared;
    const key = `${goal} ${objective}${unit ? ` (${unit})` : ""}`;
    groups.set(key, [...(groups.get(key) ?? []), curve]);
  }
  return groups;
}

function panel(objective) {
  return el("section", { class: "card" },
    el("header", {}, el("h2", {}, `Best so far: ${objective}`)),
    el("div", { data: { curves: objective } }));
}

const inWords = (group) => group.map(({ letter, compared }) => `${letter}, ${compared.name} by ${compared.agent}: ${compared.best ? `${measured(compared.best.value, compared.best.sd, compared.unit)} at trial ${compared.best.trial}` : "nothing scored"}`).join("; ");
