// A held suggestion: what it is, why, and what a person can do about it.

import { campaignPath, get } from "../api.js";
import { decisionButtons } from "../deciding.js";
import { el, fill } from "../dom.js";
import { ageElement, duration, quantity } from "../format.js";
import { whyNot } from "../shell.js";
import { card, verdictLine } from "./parts.js";
import { secondsUntil } from "./store.js";

/** The approval box; hidden while nothing waits. */
export function approvalPart(store) {
  const host = el("div", { class: "approval-host", hidden: true });
  const left = el("span", { class: "strong" });
  let shownHash = "";
  const count = () => {
    const expires = store.status?.waiting?.expires_at;
    if (expires) left.textContent = secondsUntil(expires) > 0 ? duration(secondsUntil(expires)) : "no time";
  };
  store.on("status", ({ status }) => {
    const { waiting } = status;
    host.hidden = !waiting;
    document.body.classList.toggle("is-waiting", Boolean(waiting));
    const hash = waiting ? `${waiting.trial} ${waiting.suggestion_hash}` : "";
    if (hash === shownHash) return;
    shownHash = hash;
    fill(host, waiting ? box(store, status, waiting, left) : []);
    count();
  });
  setInterval(count, 1000);
  return host;
}

const SILENCE = { skip: "it is skipped", fallback: "the fallback agent chooses instead", pause: "the campaign pauses" };

function box(store, status, waiting, left) {
  const title = waiting.is_ambiguous ? `Was trial ${waiting.trial} measured? Nobody can tell` : `Trial ${waiting.trial} waits for you`;
  const look = async () => store.setStatus(await get(campaignPath(store.campaign)));
  const refusal = whyNot("operator");
  return card(title, { className: "level attention approval", end: el("span", { class: "small soft" }, ageElement(waiting.since, "asked ")) },
    el("div", { class: "approval-body" },
      el("div", { class: "stack" }, el("p", {}, waiting.why), el("ul", { class: "stack tight" }, waiting.verdicts.filter(({ reason }) => !waiting.why.includes(reason)).map(verdictLine)),
        waiting.expires_at ? el("p", { class: "note" }, "Without an answer in ", left, `, ${SILENCE[waiting.on_timeout] ?? waiting.on_timeout}. Silence never approves.`) : null),
      suggestion(status, waiting)),
    decisionButtons(waiting, look),
    refusal ? el("p", { class: "small muted" }, refusal) : null);
}

/** The point within its limits, and what is expected there. */
function suggestion(status, waiting) {
  const known = new Map(status.space.map((parameter) => [parameter.name, parameter]));
  return el("dl", { class: "pairs point" },
    Object.entries(waiting.point).map(([name, value]) => [el("dt", {}, name), el("dd", { class: "strong" }, quantity(value, waiting.units[name]), " ", el("span", { class: "small muted" }, within(known.get(name))))]),
    Object.entries(waiting.predicted).map(([name, text]) => [el("dt", {}, `expected ${name}`), el("dd", {}, text)]),
    el("dt", {}, "suggested by"), el("dd", {}, waiting.agent));
}

const within = (parameter) => (parameter && parameter.lower !== null ? `of ${quantity(parameter.lower)} … ${quantity(parameter.upper)}` : "");
