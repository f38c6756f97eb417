// The one line a tired person reads first.

import { el, fill, keyed, write } from "../dom.js";
import { ageElement, clock, duration, measured, plural, quantity } from "../format.js";
import { icon } from "../icons.js";
import { trialOf } from "./samples.js";
import { secondsUntil } from "./store.js";

/** The verdict card; `actions` is what stands at its foot. */
export function verdictPart(store, actions) {
  const symbol = el("span", { class: "verdict-icon" });
  const word = el("p", { class: "verdict-word" });
  const sentence = el("p", { class: "verdict-sentence" });
  const since = el("span", { class: "verdict-since" });
  const next = el("p", { class: "verdict-next" });
  const name = el("h1", {});
  const about = el("p", { class: "small soft about" });
  const figures = el("dl", { class: "figures verdict-figures" });
  const documents = el("ul", { class: "documents", "aria-label": "Documents" });
  const locks = el("ul", { class: "row locks", "aria-label": "Interlocks" });
  const node = el("section", { class: "card verdict level", "aria-label": "Verdict" },
    el("div", { class: "verdict-head" }, name, about),
    el("div", { class: "verdict-line" }, symbol, el("div", { "aria-live": "polite", "aria-atomic": "true" }, el("div", { class: "verdict-first" }, word, since), sentence)),
    next, documents, locks, figures, ...actions);

  store.on("status", ({ status }) => {
    const { standing } = status;
    node.className = `card verdict level ${standing.level}`;
    if (symbol.dataset.level !== standing.level) { symbol.dataset.level = standing.level; fill(symbol, icon(standing.level)); }
    write(word, standing.word);
    write(sentence, standing.sentence);
    write(next, standing.next);
    next.hidden = !standing.next;
    if (since.dataset.at !== String(standing.since)) { since.dataset.at = String(standing.since); fill(since, standing.since ? ["since ", clock(standing.since), " · ", ageElement(standing.since)] : []); }
    write(name, status.name);
    write(about, [status.campaign, status.night ? plural(status.night.n_samples, "sample") : status.agent, status.instrument].join(" · "));
    document.title = `${standing.word} · ${status.name} · Nightshift`;
    showFigures(figures, status);
    showDocuments(documents, status.documents);
    showLocks(locks, status);
  });
  return node;
}

function showFigures(host, status) {
  const { best, objectives: [objective], spent } = status;
  const trials = spent.find((each) => each.name === "trials");
  const isOver = ["completed", "aborted"].includes(status.status);
  const items = [
    ...(status.night ? figuresOf(status.night) : [
      [`Best ${objective?.name ?? ""}`, best ? measured(best.value, best.sd, objective.unit) : "–", best ? [`in trial ${best.trial}`, status.believed].filter(Boolean).join("; ") : "nothing scored yet"],
      status.front?.n ? ["Pareto front", plural(status.front.n, "trial"), "to choose from, below"] : null,
      ["Trials", trials?.limit ? `${trials.used} of ${quantity(trials.limit)}` : quantity(status.n_trials), plural(status.n_scored, "scored trial")],
    ]),
    isOver ? ["Ended", status.updated_at ? clock(status.updated_at) : "–", took(status)]
      : ["Estimated end", status.estimated_end ? clock(status.estimated_end) : "–", status.estimated_end ? left(status) : "not known yet"],
    status.night ? inBeam(status.night) : ["Dead time", status.dead_s === null ? "–" : duration(status.dead_s), status.dead_p95_s === null ? "median between measurements" : `median between measurements; 95 % within ${duration(status.dead_p95_s)}`],
  ];
  if (status.analysis) items.splice(2, 0, ["Analysis awaited", status.analysis.most ? `${status.analysis.n} of at most ${status.analysis.most}` : quantity(status.analysis.n), `${plural(status.analysis.n, "trial")}, the longest since ${clock(status.analysis.since)}`]);
  for (const { routine, quantity: read, unit, values, sds, drifts, sentence } of status.references ?? []) {
    items.push([`${routine}: ${read}${drifts ? " drifts" : ""}`, measured(values.at(-1), sds.at(-1), unit), sentence.split("; ").at(-1)]);
  }
  keyed(host, items.filter(Boolean), {
    key: ([title]) => title.startsWith("Best") ? "best" : title,
    build: () => el("div", { class: "figure" }, el("dt", {}), el("dd", {}, el("span", { class: "value" }), el("span", { class: "remark small muted" }))),
    update: (node, [title, value, remark]) => { write(node.firstChild, title); write(node.querySelector(".value"), value); write(node.querySelector(".remark"), remark); },
  });
}

/** Of a campaign over samples: how many are through, and how many stages that took. */
function figuresOf({ n_samples: n, n_through: through, n_skipped: skipped, n_parts: parts, n_ended: ended, n_failed: failed }) {
  const others = [skipped ? `${skipped} skipped` : "", n - through - skipped ? `${n - through - skipped} to go` : ""].filter(Boolean);
  return [
    ["Samples through", `${through} of ${n}`, others.join(", ") || "all of them"],
    ["Parts", `${ended} of ${parts}`, failed ? `${failed} failed` : "none failed"],
  ];
}

const inBeam = ({ part }) => (part ? ["In the beam", `${part.sample} · ${part.stage}`, trialOf(part)] : null);

function left(status) {
  const seconds = secondsUntil(status.estimated_end);
  return seconds > 0 ? `in ${duration(seconds)}` : "any moment";
}

const took = (status) => (status.started_at && status.updated_at ? `after ${duration((new Date(status.updated_at) - new Date(status.started_at)) / 1000)}` : "");

/** What has not reached Tiled or Kafka; nothing while all is well. Its numbers change twice a second, so it is not read out. */
function showDocuments(host, amiss) {
  host.hidden = !amiss.length;
  keyed(host, amiss, {
    key: (sentence) => sentence.split(" ", 1)[0],
    build: () => el("li", { class: "level attention" }, icon("attention"), el("span", {})),
    update: (node, sentence) => write(node.lastChild, sentence),
  });
}

function showLocks(host, status) {
  const items = Object.entries(status.interlocks);
  host.hidden = !items.length || ["completed", "aborted", "created"].includes(status.status);
  keyed(host, items, {
    key: ([name, holds]) => `${name}-${holds}`,
    build: ([name, holds]) => el("li", { class: `chip level ${holds ? "ok" : "bad"}` }, icon(holds ? "ok" : "bad"), `${name} ${holds ? "ok" : "lost"}`),
  });
}
