// A new campaign: write its file, hear at once what is wrong with it, start it.

import { campaignPath, get, getText, post } from "../api.js";
import { el, fill, find } from "../dom.js";
import { icon } from "../icons.js";
import { checker } from "../new/checking.js";
import { earlierDraft, forgetDraft, keepDraft, putAside, readDraft } from "../new/draft.js";
import { editor } from "../new/editor.js";
import { afterTyping, parameter, remember } from "../paging.js";
import { connection, failed, press, refuse, startShell, toast, whyNot } from "../shell.js";

const seed = el("input", { id: "seed", type: "number", min: "0", step: "1", placeholder: "from the file", oninput: () => changed() });
const connect = el("input", { id: "connect", type: "checkbox", onchange: () => look() });
const bundled = el("select", { id: "bundled", onchange: () => takeBundled(bundled.value) });
const answer = el("div", { class: "check-answer", role: "status" });
const start = press(el("button", { type: "button", class: "button primary tall" }, icon("play"), "Start campaign"), () => create(true));
const record = press(el("button", { type: "button", class: "button tall" }, "Record it, start later"), () => create(false));
const back = press(el("button", { type: "button", class: "button quiet", hidden: true }, icon("repeat"), "Bring back what was here before"), bringBack);
const text = editor({ id: "spec", describedBy: "editor-help", changed: () => changed() });
const check = checker(answer, { mark: (lines) => text.mark(lines), goTo: (line) => text.goTo(line), judged: allow });
const look = () => (text.text.trim() ? check.ask(text.text, { connect: connect.checked }) : check.empty());
const lookSoon = afterTyping(look, 500);
let texts = {};

fill(find("#main"),
  el("div", { class: "page-head" }, el("h1", {}, "New campaign")),
  el("div", { class: "new-campaign" },
    el("section", { class: "card stack", "aria-label": "Campaign file" },
      el("div", { class: "row filters" },
        el("div", { class: "field" }, el("label", { for: "bundled" }, "Start from"), bundled), back),
      el("div", { class: "field" }, el("label", { for: "spec" }, "Campaign file (YAML)"), text.node,
        el("p", { class: "hint", id: "editor-help" }, "Tab indents. Escape, then Tab leaves the editor. What you type is kept in this browser."))),
    el("section", { class: "card stack check", "aria-label": "Check" },
      el("h2", {}, "Check"), answer,
      el("label", { class: "row note nowrap-row" }, connect, el("span", {}, "Connect to the instrument for the check; nothing moves")),
      el("div", { class: "field" }, el("label", { for: "seed" }, "Seed"), seed),
      el("div", { class: "stack tight" }, start, record))));
connection("still");
allow(null);
await startShell({ page: "new", title: "New campaign" });
await begin();

async function begin() {
  const draft = readDraft();
  if (draft) [text.text, seed.value] = [draft.text, draft.seed ?? ""];
  try {
    ({ campaigns: texts } = await get("/bundled"));
    fill(bundled, el("option", { value: "" }, draft ? "what was typed here last" : "an empty page"), Object.keys(texts).map((name) => el("option", { value: name }, name)));
    if (parameter("bundled")) takeBundled(parameter("bundled"));
    else if (parameter("from")) take(await getText(campaignPath(parameter("from"), "spec")));
  } catch (problem) {
    failed(problem);
  }
  remember({});
  look();
}

function takeBundled(name) {
  if (!(name in texts)) return;
  bundled.value = name;
  take(texts[name]);
}

/** Put a text into the editor; what somebody typed there can be brought back. */
function take(content) {
  const isTyped = text.text.trim() && text.text !== content && !Object.values(texts).includes(text.text);
  if (isTyped) putAside({ text: text.text, seed: seed.value });
  back.hidden = !isTyped;
  [text.text, seed.value] = [content, ""];
  changed();
}

function bringBack() {
  const draft = earlierDraft();
  if (draft) [text.text, seed.value] = [draft.text, draft.seed ?? ""];
  back.hidden = true;
  bundled.value = "";
  changed();
}

function changed() {
  keepDraft({ text: text.text, seed: seed.value });
  lookSoon();
}

/** Let what was checked be started; null while nobody knows. */
function allow(isValid) {
  const reason = whyNot("operator") || (isValid === null ? "It is still being checked." : isValid ? "" : "The check says what to put right first.");
  refuse(start, reason);
  refuse(record, reason);
}

async function create(isStarted) {
  const body = { spec: text.text, start: isStarted };
  if (seed.value !== "") body.seed = Number(seed.value);
  const created = await post("/campaigns", body);
  forgetDraft();
  toast(created.answer);
  location.assign(`/campaigns/${encodeURIComponent(created.campaign)}`);
}
