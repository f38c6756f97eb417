// What happened besides measuring: faults, repeats, interventions and notes.

import { campaignPath, post } from "../api.js";
import { el, keyed } from "../dom.js";
import { timeElement } from "../format.js";
import { icon } from "../icons.js";
import { press, refuse, toast, whyNot } from "../shell.js";
import { card, field } from "./parts.js";

const KINDS = {
  "campaign-created": ["plus", ""], "campaign-started": ["play", "ok"], "campaign-resumed": ["play", "ok"], "campaign-paused": ["pause", ""],
  "campaign-held": ["attention", "attention"], "campaign-stopped": ["stop", ""], "campaign-aborted": ["abort", "bad"], "campaign-completed": ["done", "done"],
  "campaign-failed": ["bad", "bad"], "campaign-amended": ["sliders", "done"], "trial-approved": ["check", "done"], "trial-vetoed": ["close", "attention"],
  "trial-failed": ["bad", "bad"], "trial-reviewed": ["shield", "attention"], "trial-remeasured": ["repeat", "attention"], "agent-failed": ["bad", "attention"], "instrument-secured": ["shield", "attention"],
  "stage-started": ["play", "ok"], "stage-ended": ["done", "done"], "sample-skipped": ["close", "attention"],
  "interlock-lost": ["bolt", "bad"], "interlock-returned": ["bolt", "ok"], "lease-taken": ["key", ""], "note-left": ["note", "done"],
};
const FEW = 12;
const MOST = 30;

export function timelinePart(store) {
  let count = FEW;
  const list = el("ol", { class: "timeline" });
  const empty = el("p", { class: "small muted" }, "Nothing but measuring so far.");
  const more = el("button", { type: "button", class: "button quiet", onclick: () => { count = MOST; show(); } }, "Show more");
  const node = card("Events and notes", {}, noteForm(store), empty, list, more);
  function show() {
    const told = store.events.filter(isTold);
    const latest = told.slice(-count).reverse();
    empty.hidden = latest.length > 0;
    more.hidden = count === MOST || told.length <= count;
    keyed(list, latest, { key: (event) => event.seq, build });
  }
  store.on("events", show);
  return node;
}

/** An engine that starts takes a lease, and guardians mostly allow: neither is worth a line. */
function isTold(event) {
  if (event.type === "lease-taken") return event.text.includes(" from ");
  if (event.type === "trial-reviewed") return / says |needs approval/.test(event.text);
  return event.type in KINDS;
}

function build(event) {
  const [symbol, level] = KINDS[event.type];
  const title = event.type.replaceAll("-", " ");
  const who = event.actor.startsWith("human:") ? event.actor.slice(6) : "";
  return el("li", { class: `level ${level}` }, el("span", { class: "timeline-icon" }, icon(symbol)),
    el("div", {}, el("p", { class: "note strong timeline-title" }, title), event.text === title ? null : el("p", { class: "note soft" }, event.text), el("p", { class: "small muted" }, timeElement(event.at, { seconds: true }), who ? ` · ${who}` : "")));
}

function noteForm(store) {
  const note = field("Leave a note", { maxlength: "2000", placeholder: "Seen something? It goes into the record." });
  const button = press(el("button", { type: "submit", class: "button" }, icon("note"), "Note"), async () => {
    const text = note.control.value.trim();
    if (!text) { note.control.focus(); return; }
    await post(campaignPath(store.campaign, "notes"), { text });
    note.control.value = "";
    toast("The note is in the record");
  });
  store.on("status", () => refuse(button, whyNot("operator")));
  return el("form", { class: "note-form", onsubmit: (event) => event.preventDefault() }, note.node, button);
}
