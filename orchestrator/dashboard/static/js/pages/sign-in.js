// Signing in with a key. The link that `nightshift serve` prints needs no page: it leads straight to the fleet.

import { logIn, readSession } from "../api.js";
import { el, fill, find } from "../dom.js";
import { icon } from "../icons.js";
import { parameter } from "../paging.js";
import { connection, startShell } from "../shell.js";

const key = el("input", { id: "key", type: "password", autocomplete: "current-password", spellcheck: "false", autocapitalize: "off", required: true, "aria-describedby": "key-help key-problem", autofocus: true });
const problemLine = el("p", { class: "error", id: "key-problem", role: "alert" });
const enter = el("button", { type: "submit", class: "button primary tall" }, "Sign in");

fill(find("#main"), el("div", { class: "sign-in stack" },
  el("h1", {}, "Sign in"),
  parameter("used") ? el("p", { class: "problem" }, "That link has been used or has expired. Each works once; nightshift serve prints a new one when it starts.") : null,
  el("form", { class: "card stack", onsubmit: signIn },
    el("input", { type: "text", name: "username", autocomplete: "username", value: "nightshift", hidden: true }),
    el("div", { class: "field" }, el("label", { for: "key" }, "Key"), key, el("p", { class: "hint", id: "key-help" }, "It begins with ns_ and is kept by your browser's password manager, if you like."), problemLine),
    enter),
  el("section", { class: "stack tight soft note" },
    el("h2", {}, "No key?"),
    el("p", {}, "On the machine that serves this page, ", el("code", {}, "nightshift serve"), " prints a link that signs one browser in, once."),
    el("p", {}, "Keys for a phone, a colleague or a script are made there too:"),
    el("pre", { class: "card", tabindex: "0" }, el("code", {}, "nightshift keys create my-phone --role operator")),
    el("p", {}, "An observer may look, an analyst may also score what was measured, an operator may also start, steer and approve, an admin may also widen limits and make keys."))));
connection("still");
await startShell({ page: "sign-in", title: "Sign in", isSignedIn: false });
// Whoever is signed in already has no business here.
readSession({ redirect: false }).then(leave, () => {});

async function signIn(event) {
  event.preventDefault();
  enter.setAttribute("aria-busy", "true");
  fill(problemLine);
  try {
    await logIn(key.value.trim());
    leave();
  } catch (problem) {
    fill(problemLine, problem.message);
    key.setAttribute("aria-invalid", "true");
    key.focus();
  } finally {
    enter.removeAttribute("aria-busy");
  }
}

/** Go where somebody wanted to go; only ever to a page of this server. */
function leave() {
  const wanted = new URL(parameter("next") || "/", location.origin);
  location.replace(wanted.origin === location.origin ? wanted.pathname + wanted.search : "/");
}
