// The morning report: the verdict in one line, and the page for the logbook.

import { address, campaignPath, get } from "../api.js";
import { el, fill, find } from "../dom.js";
import { clock, serverSays } from "../format.js";
import { icon } from "../icons.js";
import { connection, problemBox, startShell } from "../shell.js";
import { standingChip } from "../standing.js";

const campaign = decodeURIComponent(location.pathname.split("/")[2]);
const report = address(campaignPath(campaign, "report"));
const verdict = el("div", { class: "stack tight" });
const back = `/campaigns/${encodeURIComponent(campaign)}`;

fill(find("#main"),
  el("div", { class: "page-head" },
    el("div", {}, el("h1", {}, "Morning report"), el("p", {}, el("a", { href: back }, campaign))),
    el("div", { class: "row end" },
      el("a", { class: "button", href: report, target: "_blank", rel: "noopener" }, icon("link"), "Open alone, to print"),
      el("a", { class: "button", href: report, download: `${campaign}.html` }, icon("note"), "Download"),
      el("a", { class: "button", href: address(campaignPath(campaign, "table")), download: `${campaign}.csv` }, "Table (CSV)"))),
  el("div", { class: "stack" }, verdict));
connection("still");
await startShell({ page: "campaigns", title: "Report" });
try {
  const status = await get(campaignPath(campaign));
  serverSays(status.now);
  fill(verdict, line(status));
  // Scripts stay forbidden inside: what a report shows comes from the ledger, and people write there.
  const making = el("p", { class: "empty", role: "status" }, "The report is being made …");
  const frame = el("iframe", { class: "report", src: report, title: `Report of ${campaign}`, sandbox: "allow-popups", onload: () => making.remove() });
  find("#main").lastChild.append(making, frame);
} catch (problem) {
  fill(verdict, problemBox(problem));
}

function line({ standing, name, n_trials: n, n_recoveries: nRecoveries, n_repeated: nRepeated }) {
  const interruptions = [nRecoveries ? `${nRecoveries} recovered` : "", nRepeated ? `${nRepeated} repeated` : ""].filter(Boolean).join(", ");
  return el("p", { class: "row report-verdict" }, standingChip(standing.word, standing.level), el("span", { class: "strong" }, `${name}: ${standing.sentence}`),
    el("span", { class: "soft" }, `${n} trials${interruptions ? ` (${interruptions})` : ""}${standing.since ? `, since ${clock(standing.since)}` : ""}.`));
}
