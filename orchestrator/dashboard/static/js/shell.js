// What every page shares: header, navigation, theme, who is signed in, the connection, and short messages.

import { get, logOut, readSession, Unreachable } from "./api.js";
import { el, fill, find, write } from "./dom.js";
import { icon } from "./icons.js";

const PAGES = [
  { id: "fleet", href: "/", name: "Fleet" },
  { id: "campaigns", href: "/campaigns", name: "Campaigns" },
  { id: "approvals", href: "/approvals", name: "Approvals" },
  { id: "compare", href: "/compare", name: "Compare" },
  { id: "new", href: "/new", name: "New campaign" },
];
const RANKS = ["observer", "analyst", "operator", "admin"];
const WORDS = { connecting: "connecting", live: "live", stale: "stale", offline: "offline", still: "" };
const LEVELS = { connecting: "waiting", live: "ok", stale: "attention", offline: "bad" };
const WAITING_EVERY_MS = 30_000;

let session = null;
const connectionNode = el("span", { class: "connection level", hidden: true }, el("span", { class: "dot" }), el("span", {}));
const bannerNode = el("div", { hidden: true });
const sessionNode = el("div", { class: "session" });
const countNode = el("span", { class: "count", hidden: true });
const toastsNode = el("div", { class: "toasts", role: "status", "aria-live": "polite" });

/** Build the page's frame and find out who is signed in. Leads to the sign-in page when nobody is. */
export async function startShell({ page, title, isSignedIn = true }) {
  document.title = `${title} · Nightshift`;
  document.body.prepend(find(".skip"), header(page), bannerNode);
  document.body.append(toastsNode);
  if (!isSignedIn) return null;
  session = await settledSession();
  showSession();
  watchApprovals();
  return session;
}

/** The session, waiting for a server that cannot be reached yet. */
async function settledSession() {
  for (let wait = 500; ; wait = Math.min(2 * wait, 8000)) {
    try {
      const found = await readSession();
      banner("");
      return found;
    } catch (problem) {
      if (problem.status === 401) return new Promise(() => {});
      banner(problem instanceof Unreachable ? "The server cannot be reached. Trying again …" : problem.message, "bad");
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
}

export const currentSession = () => session;

/** Why this session may not do what takes a role; empty when it may. */
export function whyNot(role) {
  if (!session) return "nobody is signed in yet";
  if (session.read_only) return "This server is read-only: commands must be given where the instrument is.";
  if (RANKS.indexOf(session.role) >= RANKS.indexOf(role)) return "";
  return `You are signed in as ${session.role}; this takes ${role === "admin" ? "an admin" : `an ${role}`}.`;
}

/** A button that cannot be used keeps its place and says why; `reason` empty lets it work again. */
export function refuse(button, reason) {
  if (reason) button.setAttribute("aria-disabled", "true");
  else button.removeAttribute("aria-disabled");
  button.title = reason;
}

/** Run what a button does unless it is refused; problems become messages. */
export function press(button, action) {
  button.addEventListener("click", async () => {
    if (button.getAttribute("aria-disabled") === "true") { toast(button.title, "attention"); return; }
    if (button.getAttribute("aria-busy") === "true") return;
    button.setAttribute("aria-busy", "true");
    try {
      await action();
    } catch (problem) {
      failed(problem);
    } finally {
      button.removeAttribute("aria-busy");
    }
  });
  return button;
}

/** Show how fresh the page is: "connecting", "live", "stale", "offline"; "still" for pages without a stream. */
export function connection(state, silentSeconds = 0) {
  connectionNode.hidden = state === "still";
  connectionNode.className = `connection level ${state} ${LEVELS[state] ?? ""}`;
  write(connectionNode.lastChild, WORDS[state]);
  const seconds = Math.round(silentSeconds);
  document.body.classList.toggle("is-stale", seconds >= 15);
  if (state === "stale" || (state === "offline" && seconds >= 3)) banner(`Stale: no word from the server for ${seconds} s. What you see may be out of date.`, "bad");
  else if (state === "live") banner("");
}

/** A bar across the page; empty text takes it away. */
export function banner(text, level = "attention") {
  const shown = text || (session?.read_only ? "Read-only server: you can watch, but not give commands here." : "");
  bannerNode.hidden = !shown;
  bannerNode.className = `banner ${text ? level : ""}`;
  if (bannerNode.dataset.text === shown) return;
  bannerNode.dataset.text = shown;
  fill(bannerNode, shown ? [icon("attention"), el("span", {}, shown)] : []);
}

/** A short message; bad ones, and those that `stays` asks for, stand until they are closed. */
export function toast(text, level = "ok", detail = "", { stays = level === "bad" } = {}) {
  const node = el("div", { class: `toast ${level}` },
    el("div", {}, el("p", { class: "title" }, text), detail ? el("p", { class: "soft" }, detail) : null),
    el("button", { type: "button", class: "button quiet icon", "aria-label": "Dismiss", onclick: () => node.remove() }, icon("close")));
  toastsNode.append(node);
  while (toastsNode.children.length > 4) toastsNode.firstChild.remove();
  if (!stays) setTimeout(() => node.remove(), 7000);
}

/** Say what went wrong. */
export function failed(problem) {
  if (problem.name === "AbortError") return;
  toast(problem.title ? capital(problem.title) : "That did not work", "bad", problem.message);
}

/** A box with what went wrong, for the place where something should have been. */
export function problemBox(problem) {
  return el("div", { class: "problem", role: "alert" }, el("p", {}, problem.message));
}

/** How many suggestions wait for a person, in the navigation. */
export function setWaiting(count) {
  countNode.hidden = !count;
  write(countNode, count || "");
  countNode.setAttribute("aria-label", `${count} waiting`);
}

export const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

function header(page) {
  const menu = el("div", { class: "shell-menu", id: "shell-menu" }, nav(page), sessionNode);
  const menuButton = el("button", {
    type: "button", class: "button quiet icon menu-button", "aria-label": "Menu", "aria-expanded": "false", "aria-controls": "shell-menu",
    onclick: () => menuButton.setAttribute("aria-expanded", String(menu.classList.toggle("is-open"))),
  }, icon("menu"));
  return el("header", { class: "shell-header" }, el("div", { class: "shell-bar" },
    el("a", { class: "brand", href: "/" }, icon("moon"), "Nightshift"),
    menu,
    el("div", { class: "shell-end" }, connectionNode, themeButton(), menuButton)));
}

function nav(page) {
  return el("nav", { class: "shell-nav", "aria-label": "Pages" }, el("ul", {}, PAGES.map(({ id, href, name }) =>
    el("li", {}, el("a", { href, "aria-current": id === page ? "page" : null }, name, id === "approvals" ? countNode : null)))));
}

function themeButton() {
  const button = el("button", { type: "button", class: "button quiet icon", onclick: () => document.dispatchEvent(new Event("themetoggle")) });
  const show = () => {
    const isDark = document.documentElement.dataset.theme === "dark";
    fill(button, icon(isDark ? "sun" : "moon"));
    button.setAttribute("aria-label", isDark ? "Light colours" : "Dark colours");
    button.title = button.getAttribute("aria-label");
  };
  document.addEventListener("themechange", show);
  show();
  return button;
}

function showSession() {
  const leave = press(el("button", { type: "button", class: "button quiet" }, "Sign out"), logOut);
  const forAdmins = session.role === "admin" ? [el("a", { class: "button quiet", href: "/keys" }, "Keys"), el("a", { class: "button quiet", href: "/audit" }, "Audit")] : [];
  fill(sessionNode, el("span", {}, session.name, " · ", session.role), forAdmins, session.csrf ? leave : null);
  banner("");
}

function watchApprovals() {
  const look = async () => {
    if (document.visibilityState !== "visible") return;
    try { setWaiting((await get("/approvals")).waiting.length); } catch { /* the connection state already says so */ }
  };
  look();
  setInterval(look, WAITING_EVERY_MS);
}
