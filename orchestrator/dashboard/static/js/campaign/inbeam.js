// The sample in the beam: which stage it is in, how far that is, and the best of it.

import { sparkline } from "../charts/sparkline.js";
import { el, fill, write } from "../dom.js";
import { measured } from "../format.js";
import { card } from "./parts.js";
import { trialOf } from "./samples.js";

export function inBeamPart(store) {
  const name = el("p", { class: "strong in-beam-name" });
  const doing = el("p", { class: "soft" });
  const progress = el("progress", { max: 1, value: 0 });
  const trial = el("p", { class: "label" });
  const best = el("p", { class: "live-value" });
  const about = el("p", { class: "label" });
  const curve = el("div", {});
  const link = el("a", {}, "Open its page");
  const node = card("In the beam", { end: link, className: "level in-beam" }, el("div", { class: "stack tight" }, name, doing),
    el("div", { class: "in-beam-result" }, el("div", {}, about, best), curve), progress, trial);
  let drawn = "";
  store.on("status", ({ status }) => {
    const { part } = status.night;
    node.hidden = !part;
    if (!part) return;
    link.href = `/campaigns/${encodeURIComponent(part.part)}`;
    write(name, `${part.sample} · ${part.stage}`);
    write(doing, status.status === "running" ? part.standing.sentence : "");
    write(trial, `${trialOf(part)}, ${part.agent}`);
    write(about, `Best ${part.objective}`.trim());
    write(best, part.best ? measured(part.best.value, part.best.sd, part.unit) : "nothing scored yet");
    progress.hidden = !part.trials_limit;
    progress.max = part.trials_limit ?? 1;
    progress.value = Math.min(part.n_trials, progress.max);
    progress.setAttribute("aria-label", trialOf(part));
    const points = JSON.stringify(part.best_so_far);
    if (points === drawn) return;
    drawn = points;
    fill(curve, part.best_so_far.length > 1 ? sparkline(part.best_so_far, part.unit) : []);
  });
  return node;
}

/** From a part's page back to all samples. */
export function crumb({ campaign, sample, stage }) {
  return el("nav", { class: "crumb", "aria-label": "All samples" },
    el("a", { href: `/campaigns/${encodeURIComponent(campaign)}` }, campaign), el("span", { class: "muted" }, " / "), el("span", { class: "strong" }, `${sample} · ${stage}`));
}
