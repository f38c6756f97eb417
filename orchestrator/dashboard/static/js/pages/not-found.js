// No such page.

import { el, fill, find } from "../dom.js";
import { connection, startShell } from "../shell.js";

fill(find("#main"), el("div", { class: "narrow stack" },
  el("h1", {}, "There is no such page"),
  el("p", {}, el("code", {}, decodeURIComponent(location.pathname)), " leads nowhere here. A campaign's page is ", el("code", {}, "/campaigns/"), " and its exact id."),
  el("p", { class: "row" }, el("a", { class: "button primary", href: "/" }, "To the fleet"), el("a", { class: "button", href: "/campaigns" }, "All campaigns"))));
connection("still");
await startShell({ page: "", title: "Not found", isSignedIn: false });
