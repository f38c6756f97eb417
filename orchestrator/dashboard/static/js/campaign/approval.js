// A held suggestion: what it is, why, and what a person can do about it.

import { campaignPath, get, post } from "../api.js";
import { confirmAction, showDialog } from "../dialog.js";
import { el, fill } from "../dom.js";
import { ageElement, duration, quantity } from "../format.js";
import { icon } from "../icons.js";
import { press, problemBox, refuse, toast, whyNot } from "../shell.js";
import { card, field, verdictLine } from "./parts.js";
import { pointForm } from "./pointform.js";
import { secondsUntil } from "./store.js";

/** The approval box; hidden while nothing waits. */
export function approvalPart(store) {
  const host = el("div", { class: "approval-host", hidden: true });
  const left = el("span", { class: "strong" });
  let shownHash = "";
  store.on("status", ({ status }) => {
    const { waiting } = status;
    host.hidden = !waiting;
    document.body.classList.toggle("is-waiting", Boolean(waiting));
    const hash = waiting ? `${waiting.trial} ${waiting.suggestion_hash}` : "";
    if (hash === shownHash) return;
    shownHash = hash;
    fill(host, waiting ? box(store, status, waiting, left) : []);
  });
  setInterval(() => {
    const expires = store.status?.waiting?.expires_at;
    if (expires) left.textContent = secondsUntil(expires) > 0 ? duration(secondsUntil(expires)) : "no time";
  }, 1000);
  return host;
}

const SILENCE = { skip: "it is skipped", fallback: "the fallback agent chooses instead", pause: "the campaign pauses" };

function box(store, status, waiting, left) {
  const title = waiting.is_ambiguous ? `Was trial ${waiting.trial} measured? Nobody can tell` : `Trial ${waiting.trial} waits for you`;
  const buttons = [
    button("check", waiting.is_ambiguous ? "Measure it again" : "Approve", "primary", () => decide(store, waiting, "approve", {})),
    waiting.is_ambiguous ? null : button("edit", "Edit", "", () => edit(store, status, waiting)),
    button("close", "Veto", "danger-quiet", () => veto(store, waiting)),
  ].filter(Boolean);
  for (const each of buttons) refuse(each, whyNot("operator"));
  const refusal = whyNot("operator");
  return card(title, { className: "level attention approval", end: el("span", { class: "small soft" }, ageElement(waiting.since, "asked ")) },
    el("div", { class: "approval-body" },
      el("div", { class: "stack" }, el("p", {}, waiting.why), waiting.verdicts.length ? el("ul", { class: "stack tight" }, waiting.verdicts.map(verdictLine)) : null,
        waiting.expires_at ? el("p", { class: "note" }, "Without an answer in ", left, `, ${SILENCE[waiting.on_timeout] ?? waiting.on_timeout}. Silence never approves.`) : null),
      suggestion(status, waiting)),
    el("div", { class: "row approval-buttons" }, buttons),
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

const button = (symbol, text, style, action) => press(el("button", { type: "button", class: `button tall ${style}` }, icon(symbol), text), action);

/** Send a decision about what was seen. If that changed meanwhile, say so and show what stands now. */
async function decide(store, waiting, verb, body) {
  try {
    const answer = await post(campaignPath(store.campaign, "trials", String(waiting.trial), verb), { suggestion_hash: waiting.suggestion_hash, ...body });
    toast(answer.answer, answer.taken ? "ok" : "attention");
  } catch (problem) {
    if (problem.status !== 409) throw problem;
    store.setStatus(await get(campaignPath(store.campaign)));
    toast("This suggestion is no longer waiting", "bad", problem.message);
  }
}

async function veto(store, waiting) {
  const answer = await confirmAction({
    title: `Veto trial ${waiting.trial}?`, confirm: "Veto", danger: true, noteLabel: "Why not? The report will show it (optional)",
    consequences: [waiting.is_ambiguous ? "The trial counts as failed; what it may have measured is not used." : "This point will not be measured; the agent suggests another one."],
  });
  if (answer) await decide(store, waiting, "veto", { note: answer.note });
}

async function edit(store, status, waiting) {
  const form = pointForm(status.space, waiting.point);
  const note = field("Note for the record (optional)", {}, { input: el("textarea", { rows: "2", maxlength: "2000" }) });
  const problem = el("div", {});
  const send = async (close) => {
    const point = form.read();
    if (!point) return;
    try {
      await decide(store, waiting, "edit", { point, note: note.control.value.trim() });
      close(true);
    } catch (refused) { fill(problem, problemBox(refused)); }
  };
  await showDialog({
    title: `Measure another point instead of trial ${waiting.trial}`,
    build: (close) => ({
      body: [el("p", { class: "soft" }, "Yours is a new suggestion: it goes past the guardians like any other."), form.node, note.node, problem],
      actions: [el("button", { type: "button", class: "button tall", onclick: () => close() }, "Cancel"), press(el("button", { type: "button", class: "button tall primary" }, "Suggest this point"), () => send(close))],
    }),
  });
}
