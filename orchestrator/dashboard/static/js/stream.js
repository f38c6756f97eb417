// Server-sent events that come back by themselves, and say when nothing was heard for too long.

import { address, readSession } from "./api.js";

const STALE_MS = 15_000;
const LONGEST_WAIT_MS = 15_000;
// Browsers open six connections to one server, over all tabs: tabs that nobody looks at must not keep theirs.
const HIDDEN_MS = 60_000;

/**
 * Listen to a stream: `listen("/stream", {fleet: show}, {state: shell.connection})`.
 *
 * `handlers` are by event name and get the parsed data. `state` gets "connecting", "live", "stale" or "offline", and the seconds of silence.
 * `after` gives the sequence number to go on after when the stream has to be opened anew. Returns a function that ends it.
 */
export function listen(path, handlers, { state = () => {}, after = () => null, quietAfter = STALE_MS, parameters = {} } = {}) {
  let source = null;
  let heard = performance.now();
  let wait = 500;
  let timer = null;
  let isClosed = false;
  let isResting = false;
  let rest = null;

  function open() {
    clearTimeout(timer);
    source?.close();
    isResting = false;
    source = new EventSource(address(path, { ...parameters, after: after() }));
    source.onopen = () => spoke();
    source.onerror = () => {
      state("offline", silence());
      if (source.readyState !== EventSource.CLOSED || isClosed) return;
      // Refused, not lost: when the session has ended, this leads to the sign-in page.
      readSession().catch(() => {});
      again();
    };
    for (const [name, handle] of Object.entries(handlers)) {
      source.addEventListener(name, (event) => { spoke(); handle(JSON.parse(event.data), event.lastEventId); });
    }
    if (!("beat" in handlers)) source.addEventListener("beat", () => spoke());
  }

  function spoke() {
    heard = performance.now();
    wait = 500;
    state("live", 0);
  }

  function again() {
    timer = setTimeout(open, wait);
    wait = Math.min(wait * 2, LONGEST_WAIT_MS);
  }

  const silence = () => (performance.now() - heard) / 1000;
  const watch = setInterval(() => {
    if (isResting || silence() * 1000 < quietAfter) return;
    state(source.readyState === EventSource.OPEN ? "stale" : "offline", silence());
    // An open connection that says nothing may be dead without either side knowing, as after a phone slept.
    if (source.readyState === EventSource.OPEN && silence() * 1000 > 2 * quietAfter) { again(); }
  }, 1000);

  const wake = () => {
    clearTimeout(rest);
    if (document.visibilityState !== "visible") rest = setTimeout(() => { isResting = true; clearTimeout(timer); source.close(); }, HIDDEN_MS);
    else if (isResting || silence() * 1000 > quietAfter) { state("connecting", 0); open(); }
  };
  document.addEventListener("visibilitychange", wake);
  addEventListener("online", wake);
  state("connecting", 0);
  open();

  return () => {
    isClosed = true;
    clearTimeout(timer);
    clearTimeout(rest);
    clearInterval(watch);
    document.removeEventListener("visibilitychange", wake);
    removeEventListener("online", wake);
    source.close();
  };
}
