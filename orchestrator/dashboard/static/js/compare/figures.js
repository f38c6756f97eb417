// The figures of several campaigns, a row each.

import { el } from "../dom.js";
import { duration, measured, number, pointText } from "../format.js";
import { statusChip } from "../standing.js";

const COLUMNS = [
  ["Agent", ({ agent, seed }) => [agent, el("span", { class: "muted" }, ` · seed ${seed}`)]],
  ["Status", ({ status }) => statusChip(status)],
  ["Best", ({ best, unit }) => (best ? [el("span", { class: "strong nowrap" }, measured(best.value, best.sd, unit)), el("br"), el("span", { class: "small muted" }, pointText(best.point))] : "–")],
  ["Found at trial", ({ best }) => (best ? number(best.trial) : "–")],
  ["Scored", ({ n_scored: n }) => number(n)],
  ["Wall time", ({ wall_s: seconds }) => duration(seconds)],
  ["Exposure", ({ exposure_s: seconds }) => duration(seconds)],
  ["Dead time per trial", ({ dead_s: seconds }) => duration(seconds)],
];

/** A table with the letter, colour and dashes that the drawing uses. */
export function figures(curves) {
  return el("table", { class: "as-cards" },
    el("caption", { class: "visually-hidden" }, "Figures of the compared campaigns"),
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Campaign"), COLUMNS.map(([title]) => el("th", { scope: "col" }, title)))),
    el("tbody", {}, curves.map(row)));
}

function row({ index, letter, compared }) {
  return el("tr", {},
    el("td", { class: "wide" },
      el("span", { class: `series-key series-${index}` }, letter),
      el("a", { class: "strong", href: `/campaigns/${encodeURIComponent(compared.campaign)}` }, compared.name), el("br"), el("span", { class: "small muted" }, compared.campaign)),
    COLUMNS.map(([title, shown]) => el("td", { data: { title } }, shown(compared))));
}
