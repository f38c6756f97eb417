// Everything the page knows about one campaign. Parts of the page are told once per frame what changed.

import { serverNow, serverSays } from "../format.js";

const MOST_EVENTS = 400;

/** A campaign as the page knows it. Topics: "status", "trials", "progress", "events", "live". */
export function createStore(campaign) {
  const watchers = new Map();
  const dirty = new Set();
  const trials = new Map();
  let ordered = null;
  let isScheduled = false;

  const store = {
    campaign,
    status: null,
    progress: { points: [], random: null, random_source: "" },
    events: [],
    seq: 0,
    /** Events up to here are in the status that was read at the start. */
    knownSeq: 0,

    on(topic, react) { watchers.set(topic, [...(watchers.get(topic) ?? []), react]); },

    touch(topic) {
      dirty.add(topic);
      if (isScheduled) return;
      isScheduled = true;
      soon(() => {
        isScheduled = false;
        const topics = [...dirty];
        dirty.clear();
        for (const each of topics) for (const react of watchers.get(each) ?? []) react(store);
      });
    },

    setStatus(status) {
      if (store.status && status.seq < store.status.seq) return;
      serverSays(status.now);
      store.status = status;
      // Events run ahead of the status, which is sent a few times a second: an older one must not undo them.
      if (status.current && status.seq >= store.seq) store.addTrials([status.current]);
      store.touch("status");
    },

    addTrials(list) {
      for (const trial of list) {
        if (!trials.has(trial.trial)) ordered = null;
        trials.set(trial.trial, trial);
        if (ordered) ordered[trial.trial - ordered[0].trial] = trial;
      }
      if (list.length) store.touch("trials");
    },

    /** All known trials in order. */
    trials() {
      ordered ??= [...trials.values()].sort((left, right) => left.trial - right.trial);
      return ordered;
    },

    trial: (number) => trials.get(number) ?? null,

    setProgress(progress) { store.progress = progress; store.touch("progress"); },

    /** What happened before the page was opened; the stream may have brought the latest of it already. */
    addEarlier(events) {
      const first = store.events[0]?.seq ?? Infinity;
      store.events.unshift(...events.filter((event) => event.seq < first));
      store.touch("events");
    },

    /** One ledger event from the stream. */
    addEvent(event) {
      store.seq = Math.max(store.seq, event.seq);
      store.events.push(event);
      if (store.events.length > MOST_EVENTS) store.events.shift();
      store.touch("events");
      if (!event.trial) return;
      store.addTrials([event.trial]);
      if (event.type === "trial-scored") addPoint(store, event.trial);
    },
  };
  return store;
}

/** Trials that may be the best: references, darks and the last move may not. */
export const COUNTING = ["agent", "human", "earlier"];

/** Put one trial's score into the curve; the best so far follows from there on. */
function addPoint(store, trial) {
  const { objective, goal, points } = store.progress;
  const value = trial.scores[objective]?.value;
  if (value === null || value === undefined || !COUNTING.includes(trial.kind)) return;
  const at = points.findIndex((point) => point.trial === trial.trial);
  const point = { trial: trial.trial, value, sd: trial.scores[objective].sd, best: value };
  const next = at < 0 ? [...points, point] : points.with(at, point);
  for (let index = at < 0 ? next.length - 1 : at; index < next.length; index += 1) {
    const before = next[index - 1]?.best;
    const own = next[index].value;
    next[index] = { ...next[index], best: before === undefined || (goal === "minimise" ? own < before : own > before) ? own : before };
  }
  store.setProgress({ ...store.progress, points: next });
}

/** Before the next frame; on a hidden page, where no frames come, a little later. */
function soon(action) {
  if (document.visibilityState === "visible") requestAnimationFrame(action);
  else setTimeout(action, 250);
}

/** The first objective of a campaign. */
export const objectiveOf = (store) => store.status.objectives[0];

/** The first objective's score of a trial. */
export const scoreOf = (store, trial) => trial.scores[objectiveOf(store).name] ?? {};

/** Seconds until a moment, by the server's clock. */
export const secondsUntil = (moment) => (new Date(moment).getTime() - serverNow()) / 1000;
