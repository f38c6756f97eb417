// One held suggestion: what, why, what speaks against it, and what happens if nobody answers.

import { decisionButtons } from "../deciding.js";
import { el } from "../dom.js";
import { ageElement, clock, duration, quantity, serverNow } from "../format.js";
import { icon } from "../icons.js";

const SILENCE = {
  pause: "the campaign pauses",
  skip: "the point is skipped and the agent suggests another",
  fallback: "the point is skipped and the fallback agent suggests another",
};

/** A card for a WaitingApproval. */
export function approvalCard(waiting, decided) {
  const { campaign, name, trial, agent, why, verdicts, is_ambiguous: isAmbiguous } = waiting;
  return el("li", { class: "card level attention approval", id: campaign },
    el("header", {},
      el("h2", {}, el("a", { href: `/campaigns/${encodeURIComponent(campaign)}` }, name), ` · trial ${trial}`),
      el("span", { class: "end small muted" }, "waits since ", clock(waiting.since), " · ", ageElement(waiting.since))),
    isAmbiguous ? el("p", { class: "strong" }, "Nobody can say whether the last attempt was measured. May it be repeated?") : null,
    point(waiting),
    el("p", {}, why || `Suggested by ${agent}.`),
    verdicts.filter(({ reason }) => !why.includes(reason)).map(({ guardian, answer, reason }) => el("p", { class: "chip-line" }, el("span", { class: "chip level attention" }, icon("attention"), `${guardian}: ${answer}`), " ", reason)),
    silence(waiting),
    decisionButtons(waiting, decided));
}

function point({ point: settings, units, predicted }) {
  return el("dl", { class: "figures point-figures" },
    Object.entries(settings).map(([name, value]) => el("div", { class: "figure" }, el("dt", {}, name), el("dd", {}, quantity(value, units[name])))),
    Object.entries(predicted).map(([name, shown]) => el("div", { class: "figure predicted" }, el("dt", {}, `${name}, expected`), el("dd", {}, shown))));
}

/** What happens if nobody answers, and when; never an approval. */
function silence({ expires_at: expires, on_timeout: onTimeout }) {
  if (!expires) return el("p", { class: "soft note" }, icon("waiting"), "It waits until somebody answers. Nothing moves meanwhile.");
  return el("p", { class: "soft note" }, icon("waiting"), "If nobody answers by ", clock(expires), ", ", SILENCE[onTimeout] ?? "nothing is measured", ": in ", el("time", { class: "strong", datetime: expires, data: { until: expires } }, left(expires)), ".");
}

const left = (moment) => {
  const seconds = Math.max(0, Math.round((new Date(moment).getTime() - serverNow()) / 1000));
  return seconds >= 3600 ? duration(seconds) : `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} min`;
};

setInterval(() => {
  for (const node of document.querySelectorAll("time[data-until]")) node.textContent = left(node.dataset.until);
}, 1000);
