// How a campaign stands: an icon and a word beside the colour, never the colour alone.

import { el } from "./dom.js";
import { icon } from "./icons.js";

const LEVELS = {
  created: "waiting", running: "ok", paused: "waiting", held: "attention", stopped: "waiting", aborted: "bad", completed: "done", failed: "bad",
};

export const STATUSES = Object.keys(LEVELS);

/** A chip for a standing: `standingChip("held", "attention")`. */
export const standingChip = (word, level) => el("span", { class: `chip level ${level}` }, icon(level), word);

/** A chip for a recorded status alone, as lists show it. A running campaign that nobody runs is not running. */
export function statusChip(status, isRun = true) {
  if (status === "running" && !isRun) return standingChip("nobody runs it", "bad");
  return standingChip(status, LEVELS[status] ?? "waiting");
}
