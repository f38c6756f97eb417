// Keys: who may do what, and for how long. For admins.

import { get, post, send } from "../api.js";
import { confirmAction, showDialog } from "../dialog.js";
import { el, fill, find } from "../dom.js";
import { ageElement, timeElement } from "../format.js";
import { icon } from "../icons.js";
import { connection, press, problemBox, refuse, startShell, toast, whyNot } from "../shell.js";
import { standingChip } from "../standing.js";

const ROLES = { observer: "may look at everything", analyst: "may also score what was measured", operator: "may also start, steer and approve", admin: "may also widen limits and make keys" };
const name = el("input", { id: "name", pattern: "[A-Za-z][A-Za-z0-9_.\\-]{0,63}", required: true, autocomplete: "off", spellcheck: "false", placeholder: "annas-phone" });
const role = el("select", { id: "role" }, Object.entries(ROLES).map(([value, may]) => el("option", { value }, `${value}: ${may}`)));
const days = el("input", { id: "days", type: "number", min: "0.1", max: "3650", step: "any", placeholder: "never" });
const make = el("button", { type: "submit", class: "button primary" }, icon("key"), "Create key");
const rows = el("tbody");
const problem = el("div");

fill(find("#main"),
  el("div", { class: "page-head" }, el("h1", {}, "Keys")),
  el("div", { class: "stack" },
    el("form", { class: "card stack", onsubmit: create },
      el("h2", {}, "A new key"),
      el("div", { class: "grid" },
        el("div", { class: "field" }, el("label", { for: "name" }, "Name"), name, el("p", { class: "hint" }, "Letters, digits, dot, dash and underscore. The ledger shows it beside every order.")),
        el("div", { class: "field" }, el("label", { for: "role" }, "Role"), role),
        el("div", { class: "field" }, el("label", { for: "days" }, "Expires after days"), days)),
      el("div", {}, make)),
    problem,
    el("section", { class: "card listing" }, el("table", { class: "as-cards" }, el("caption", { class: "visually-hidden" }, "Keys, newest first"), head(), rows))));
connection("still");
await startShell({ page: "keys", title: "Keys" });
refuse(make, whyNot("admin"));
await load();

function head() {
  return el("thead", {}, el("tr", {}, ["Name", "Role", "State", "Last used", "Expires", "Created"].map((title) => el("th", { scope: "col" }, title)), el("th", {}, el("span", { class: "visually-hidden" }, "Revoke"))));
}

async function load() {
  try {
    fill(rows, (await get("/keys")).keys.map(row));
    fill(problem);
  } catch (refusal) {
    fill(problem, problemBox(refusal));
  }
}

function row(key) {
  const cell = (title, ...content) => el("td", { data: { title } }, content);
  const revoke = press(el("button", { type: "button", class: "button danger-quiet", "aria-label": `Revoke ${key.name}` }, "Revoke"), () => take(key));
  return el("tr", {},
    el("td", { class: "wide" }, el("span", { class: "strong" }, key.name), el("br"), el("span", { class: "small muted mono" }, key.id)),
    cell("Role", key.role),
    cell("State", state(key)),
    cell("Last used", key.last_used_at ? ageElement(key.last_used_at) : "never"),
    cell("Expires", key.expires_at ? timeElement(key.expires_at) : "never"),
    cell("Created", timeElement(key.created_at), el("span", { class: "small muted" }, ` by ${key.created_by}`)),
    el("td", {}, key.is_valid ? revoke : null));
}

function state({ is_valid: isValid, revoked_at: revoked }) {
  if (isValid) return standingChip("valid", "ok");
  return standingChip(revoked ? "revoked" : "expired", "waiting");
}

async function create(event) {
  event.preventDefault();
  if (make.getAttribute("aria-disabled") === "true") { toast(make.title, "attention"); return; }
  try {
    const created = await post("/keys", { name: name.value, role: role.value, days: days.value ? Number(days.value) : null });
    name.value = "";
    await load();
    await showSecret(created);
  } catch (refusal) {
    fill(problem, problemBox(refusal));
  }
}

/** The one time that the secret can be seen. */
function showSecret({ key, secret }) {
  const field = el("input", { id: "secret", class: "mono", readonly: true, value: secret, onfocus: () => field.select() });
  const copy = press(el("button", { type: "button", class: "button" }, "Copy"), async () => {
    if (navigator.clipboard) await navigator.clipboard.writeText(secret);
    else { field.select(); document.execCommand("copy"); }
    toast("Copied");
  });
  return showDialog({
    title: `The key of ${key.name}`,
    build: (close) => ({
      body: [el("p", {}, "Copy it now: it is shown this once, and nobody can look it up."), el("div", { class: "field" }, el("label", { for: "secret" }, "Key"), field), copy],
      actions: [el("button", { type: "button", class: "button tall primary", onclick: () => close() }, "I have it")],
    }),
  });
}

async function take(key) {
  const given = await confirmAction({ title: `Revoke ${key.name}?`, consequences: ["Whoever uses it is signed out at once.", "It cannot be made valid again."], confirm: "Revoke", danger: true, hasNote: false });
  if (!given) return;
  await send("DELETE", `/keys/${encodeURIComponent(key.id)}`);
  toast(`${key.name} was revoked`);
  await load();
}
