// Best so far against the trial number.

import { el, write } from "../dom.js";
import { createProgress } from "../charts/progress.js";
import { shape } from "../charts/sparkline.js";
import { card } from "./parts.js";

export function progressPart(store, openTrial) {
  const chart = createProgress({ choose: (target) => openTrial(target.key) });
  const empty = el("p", { class: "empty" }, "Nothing is scored yet. The curve begins with the first score.");
  const random = legend("random points, expected", "random");
  const target = legend("target", "target");
  const source = el("p", { class: "small muted" });
  const node = card("Best so far", { end: el("ul", { class: "legend" }, legend("best", "best"), legend("each trial", "trial"), random, target) }, chart.node, empty, source);
  const show = ({ progress, status }) => {
    if (!status) return;
    const hasPoints = progress.points.length > 0;
    chart.node.hidden = !hasPoints;
    empty.hidden = hasPoints;
    const wanted = status.target ?? null;
    random.hidden = !progress.random;
    target.hidden = wanted === null;
    write(source, progress.random ? `Random baseline: ${progress.random_source}.` : "");
    source.hidden = !progress.random;
    if (hasPoints) chart.show({ ...progress, target: wanted });
  };
  store.on("progress", show);
  store.on("status", show);
  return node;
}

function legend(text, kind) {
  const drawn = { best: ["path", { d: "M0,12H10V4H22", class: "key-best" }], trial: ["circle", { cx: 11, cy: 8, r: 3.5, class: "key-trial" }], random: ["path", { d: "M0,8H22", class: "key-random" }], target: ["path", { d: "M0,8H22", class: "key-target" }] }[kind];
  return el("li", {}, shape("svg", { viewBox: "0 0 22 16", "aria-hidden": "true" }, shape(...drawn)), text);
}
