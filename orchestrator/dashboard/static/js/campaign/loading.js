// From the API into the store: first what a person looks for, then the rest, then every change as it happens.

import { campaignPath, get } from "../api.js";
import { connection, failed } from "../shell.js";
import { listen } from "../stream.js";

const FIRST_TRIALS = 60;
const PAGE = 500;
const BASELINE_EVERY_MS = 30_000;

/** Read the campaign and stay up to date. The verdict stands before anything else is asked for. */
export async function follow(store) {
  const path = (...parts) => campaignPath(store.campaign, ...parts);
  const status = await get(path());
  store.knownSeq = status.seq;
  store.seq = status.seq;
  store.setStatus(status);
  listen(path("stream"), {
    ledger: (event) => store.addEvent(event),
    status: (next) => store.setStatus(next),
    beat: () => {},
    // The ledger is not the one this page knows, such as after a restore: begin anew.
    reset: () => location.reload(),
  }, { state: connection, after: () => store.seq });
  const latest = Math.max(0, status.n_trials - FIRST_TRIALS);
  await Promise.all([
    get(path("progress")).then((progress) => mergeProgress(store, progress)),
    get(path("timeline"), { limit: 100 }).then(({ events }) => store.addEarlier(events)),
    get(path("trials"), { after: latest, limit: PAGE }).then((page) => addMissing(store, page.trials)),
  ]).catch(failed);
  keepBaseline(store, path);
  await readEarlier(store, path, latest);
}

/** Trials that streamed in meanwhile are newer than the page that was asked for before. */
function addMissing(store, trials) {
  store.addTrials(trials.filter((trial) => !(store.trial(trial.trial) && store.seq > store.knownSeq)));
}

async function readEarlier(store, path, before) {
  for (let last = before; last > 0; last -= PAGE) {
    const after = Math.max(0, last - PAGE);
    const { trials } = await get(path("trials"), { after, limit: last - after });
    store.addTrials(trials);
  }
}

/** The curve as read, with points that streamed in meanwhile kept. */
function mergeProgress(store, progress) {
  const last = progress.points.at(-1)?.trial ?? 0;
  const newer = store.progress.points.filter((point) => point.trial > last);
  store.setProgress({ ...progress, points: [...progress.points, ...newer] });
}

/** What random points would have found is known better with every blind trial, but not worth asking at each. */
function keepBaseline(store, path) {
  let asked = store.progress.points.length;
  setInterval(async () => {
    const count = store.progress.points.length;
    if (count === asked || document.visibilityState !== "visible") return;
    asked = count;
    try { mergeProgress(store, await get(path("progress"))); } catch { /* the connection state already says so */ }
  }, BASELINE_EVERY_MS);
}
