// What was typed stays in this browser until its campaign was started, through reloads, lost connections and signing in again.

const DRAFT = "nightshift-draft";
const EARLIER = "nightshift-earlier-draft";

/** The kept draft: {text, seed}, or null. */
export const readDraft = () => read(DRAFT);

export const keepDraft = (draft) => write(DRAFT, draft);

/** The draft that was replaced last, or null. */
export const earlierDraft = () => read(EARLIER);

/** Put a draft aside before something else takes its place. */
export const putAside = (draft) => write(EARLIER, draft);

export function forgetDraft() {
  try { localStorage.removeItem(DRAFT); } catch { /* nothing was kept */ }
}

function read(key) {
  try { return JSON.parse(localStorage.getItem(key)); } catch { return null; }
}

function write(key, value) {
  try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* a private window: the page itself still holds it */ }
}
