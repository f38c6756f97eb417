// The start page while nothing was ever run: how to start the first campaign.

import { get } from "../api.js";
import { el } from "../dom.js";
import { icon } from "../icons.js";

/** Ways to begin, with the bundled campaigns a press away. */
export async function firstSteps() {
  const { campaigns } = await get("/bundled");
  return el("div", { class: "stack first-steps" },
    el("p", {}, "A campaign is one file: what may move, what to measure, what is good, and when to stop. Start with one that comes with Nightshift, look at its file, press start, and watch it here."),
    el("ul", { class: "grid" }, Object.entries(campaigns).map(([name, text]) => bundled(name, text))),
    el("p", { class: "soft" }, "Or write your own: ", el("a", { href: "/new" }, "an empty campaign"), ". From a terminal: ", el("code", {}, "nightshift run crossed-barrel"), "."));
}

function bundled(name, text) {
  return el("li", { class: "card stack" },
    el("h2", {}, name),
    el("p", { class: "soft" }, purpose(text)),
    el("p", {}, el("a", { class: "button primary tall", href: `/new?bundled=${encodeURIComponent(name)}` }, icon("play"), "Look at it and start")));
}

/** What a campaign file says about itself: the comment it begins with. */
export function purpose(text) {
  const lines = text.split("\n");
  const end = lines.findIndex((line) => !/^#\s*\S/.test(line));
  return lines.slice(0, end < 0 ? 0 : end).map((line) => line.replace(/^#\s*/, "")).join(" ");
}
