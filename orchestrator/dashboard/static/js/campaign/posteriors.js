// What the model believed, asked for once per question and not more often than it can be drawn.

import { campaignPath, get } from "../api.js";
import { objectiveOf } from "./store.js";

const MOST_KEPT = 80;
const AT_MOST_EVERY_MS = 1500;
const SETTLE_MS = 120;

/**
 * A small cache. `ask(question)` answers at once with what is known, the latest of the same drawing if need be, and calls
 * `changed` when the answer arrives.
 */
export function posteriors(store, changed) {
  const known = new Map();
  const latest = new Map();
  const lastAsked = new Map();
  const timers = new Map();
  let queue = Promise.resolve();

  function ask({ x, y = "", n, trial, isPossible }) {
    if (!isPossible) return { grid: null, reason: "Names have no model map; measured points only." };
    const decision = trial ?? lastDecision(store);
    if (!decision) return { grid: null, reason: "No model yet: the agent has not chosen a point with one." };
    const drawing = `${x}|${y}`;
    const question = `${drawing}|${decision}`;
    if (known.has(question)) return known.get(question);
    plan(drawing, question, { objective: objectiveOf(store).name, x, y, n, trial: decision });
    return { isAsking: true, grid: trial === null ? latest.get(drawing) ?? null : null };
  }

  /** Wait for a slider to rest; while trials come fast, leave the server some air and ask for the latest then. */
  function plan(drawing, question, parameters) {
    if (document.visibilityState !== "visible") return;
    const isLive = parameters.trial === lastDecision(store);
    const pending = timers.get(drawing);
    if (pending?.isLive && isLive) { Object.assign(pending, { question, parameters }); return; }
    clearTimeout(pending?.timer);
    const wait = isLive ? Math.max(SETTLE_MS, (lastAsked.get(drawing) ?? -Infinity) + AT_MOST_EVERY_MS - performance.now()) : SETTLE_MS;
    timers.set(drawing, { isLive, question, parameters, timer: setTimeout(() => fetchGrid(drawing), wait) });
  }

  async function fetchGrid(drawing) {
    const { question, parameters } = timers.get(drawing);
    timers.delete(drawing);
    if (known.has(question)) return;
    lastAsked.set(drawing, performance.now());
    keep(question, { isAsking: true, grid: latest.get(drawing) ?? null });
    try {
      const grid = await inTurn(() => get(campaignPath(store.campaign, "posterior"), parameters));
      latest.set(drawing, grid);
      keep(question, { grid });
    } catch (problem) {
      keep(question, { grid: null, reason: problem.message });
      if (!problem.status || problem.status >= 500) setTimeout(() => known.delete(question), 5000);
    }
    changed();
  }

  /** One request at a time: browsers open six connections to a server, and the page has better uses for them. */
  function inTurn(request) {
    queue = queue.then(request, request);
    return queue;
  }

  function keep(question, answer) {
    known.set(question, answer);
    if (known.size > MOST_KEPT) known.delete(known.keys().next().value);
  }

  return { ask };
}

/** The last trial that a model chose. */
function lastDecision(store) {
  const trials = store.trials();
  for (let index = trials.length - 1; index >= 0; index -= 1) {
    if (Object.values(trials[index].scores).some((score) => score.predicted !== null)) return trials[index].trial;
  }
  return null;
}
