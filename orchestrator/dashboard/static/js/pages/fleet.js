// The start page: every instrument and campaign at a glance, worst first.

import { get } from "../api.js";
import { el, fill, find, keyed, write } from "../dom.js";
import { buildCard, updateCard } from "../fleet/card.js";
import { firstSteps } from "../fleet/first.js";
import { plural, serverSays } from "../format.js";
import { icon } from "../icons.js";
import { connection, failed, setWaiting, startShell } from "../shell.js";
import { listen } from "../stream.js";

const heading = el("h1", {}, "Fleet");
const summary = el("p", { class: "soft" });
const cards = el("ul", { class: "fleet" });
const first = el("div", { hidden: true });
const finished = el("p", { class: "soft" });

fill(find("#main"), el("div", { class: "page-head" }, el("div", {}, heading, summary), el("a", { class: "button end", href: "/new" }, icon("plus"), "New campaign")), cards, first, finished);
await startShell({ page: "fleet", title: "Fleet" });
get("/fleet").then(show, failed);
listen("/stream", { fleet: show }, { state: connection });

function show(fleet) {
  serverSays(fleet.now);
  setWaiting(fleet.n_waiting);
  const { campaigns, n_finished: nFinished } = fleet;
  write(heading, verdict(campaigns, nFinished));
  write(summary, inWords(campaigns));
  keyed(cards, campaigns, { key: ({ campaign }) => campaign, build: buildCard, update: updateCard });
  fill(finished, nFinished ? el("a", { href: "/campaigns?status=completed" }, `${plural(nFinished, "more finished campaign")}`) : "");
  teach(campaigns.length === 0 && nFinished === 0);
}

/** The one thing to know before reading any card. */
function verdict(campaigns, nFinished) {
  const count = (level) => campaigns.filter(({ standing }) => standing.level === level).length;
  const [bad, attention, waiting, ok] = ["bad", "attention", "waiting", "ok"].map(count);
  const needs = attention === 1 ? "1 needs you" : `${attention} need you`;
  if (bad) return `${plural(bad, "campaign")} in trouble${attention ? `, ${needs}` : ""}`;
  if (attention) return `${attention === 1 ? "1 campaign needs" : `${attention} campaigns need`} you`;
  if (waiting) return `${plural(waiting, "campaign")} waiting, nothing to do`;
  if (ok) return "All is well";
  return campaigns.length || nFinished ? "Nothing is running" : "Welcome to your first night";
}

function inWords(campaigns) {
  const words = new Map();
  for (const { standing } of campaigns) words.set(standing.word, (words.get(standing.word) ?? 0) + 1);
  return [...words].map(([word, n]) => `${n} ${word}`).join(" · ");
}

async function teach(isEmpty) {
  first.hidden = !isEmpty;
  if (isEmpty && !first.hasChildNodes()) fill(first, await firstSteps());
}
