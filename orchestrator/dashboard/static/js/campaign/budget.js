// What was spent and what is left.

import { el, keyed, write } from "../dom.js";
import { clock, duration, number } from "../format.js";
import { card } from "./parts.js";

const NAMES = { trials: "Trials", exposure: "Beam time", dose: "Dose", wall_time: "Time" };
const NEARLY = 0.9;

export function budgetPart(store) {
  const list = el("ul", { class: "stack" });
  const end = el("p", { class: "note" });
  const counts = el("dl", { class: "pairs budget-counts" });
  const node = card("Budget", {}, list, end, counts);
  store.on("status", ({ status }) => {
    const shown = status.spent.filter((each) => each.limit !== null || each.used > 0);
    keyed(list, shown, { key: ({ name }) => name, build, update: (item, each) => update(item, each, isOver(status)) });
    write(end, endText(status));
    end.hidden = !end.textContent;
    const items = [["Recoveries", status.n_recoveries], ["Repeated measurements", status.n_repeated]];
    keyed(counts, items.flatMap(([name, value]) => [["dt", name], ["dd", value, name]]), {
      key: ([tag, text, name]) => tag + (name ?? text), build: ([tag]) => el(tag, {}), update: (item, [, text]) => write(item, text),
    });
  });
  return node;
}

const isOver = (status) => ["completed", "aborted"].includes(status.status);

function build() {
  return el("li", { class: "meter" }, el("span", {}), el("span", { class: "strong" }), el("div", { class: "track" }, el("div", { class: "fill" })), el("span", { class: "small muted" }));
}

function update(node, { name, unit, used, limit }, isOver) {
  const share = limit ? Math.min(1, used / limit) : 0;
  const say = (value) => (unit === "s" ? duration(value) : [number(value), unit].filter(Boolean).join(" "));
  const [title, value, track, left] = node.children;
  write(title, NAMES[name] ?? name);
  write(value, limit === null ? `${say(used)}, no limit` : `${say(used)} of ${say(limit)}`);
  track.hidden = limit === null;
  track.firstChild.style.transform = `scaleX(${share})`;
  const isNear = !isOver && share >= NEARLY;
  node.classList.toggle("attention", isNear);
  write(left, limit === null ? "" : `${say(Math.max(0, limit - used))} ${isOver ? "not used" : "left"}${isNear ? ", nearly spent" : ""}`);
}

function endText(status) {
  if (isOver(status)) return "";
  if (status.estimated_end && status.night) return `At this pace the last sample is through about ${clock(status.estimated_end)}.`;
  if (status.estimated_end) return `At this pace the budget ends about ${clock(status.estimated_end)}.`;
  return status.ends_at ? `Ends at ${clock(status.ends_at)} at the latest.` : "";
}
