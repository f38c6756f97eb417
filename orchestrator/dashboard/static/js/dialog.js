// Dialogs: the browser's own <dialog>, so that focus, Escape and the backdrop behave.

import { el, unique } from "./dom.js";
import { icon } from "./icons.js";

/** Show a dialog. `build(close)` gives {body, actions}; the promise resolves to what `close` was called with, or null. */
export function showDialog({ title, build, wide = false }) {
  return new Promise((resolve) => {
    const heading = unique("dialog");
    let result = null;
    const close = (value = null) => { result = value; dialog.close(); };
    const { body, actions = [] } = build(close);
    const dialog = el("dialog", { class: wide ? "wide" : "", "aria-labelledby": heading },
      el("div", { class: "dialog-inner" },
        el("div", { class: "dialog-head" }, el("h2", { id: heading }, title),
          el("button", { type: "button", class: "button quiet icon", "aria-label": "Close", onclick: () => close() }, icon("close"))),
        el("div", { class: "dialog-body", tabindex: "0", role: "group", "aria-labelledby": heading }, body),
        actions.length ? el("div", { class: "dialog-actions" }, actions) : null));
    dialog.addEventListener("close", () => { dialog.remove(); resolve(result); });
    dialog.addEventListener("click", (event) => { if (event.target === dialog) close(); });
    document.body.append(dialog);
    dialog.showModal();
    (dialog.querySelector("[autofocus]") ?? dialog.querySelector(".dialog-actions .button") ?? dialog).focus();
  });
}

/**
 * Ask before something happens. Resolves to {note} or null.
 * `consequences` are sentences that say exactly what will happen; `danger` colours the button. Where haste would do harm,
 * `isHasty` puts the focus on Cancel.
 */
export function confirmAction({ title, text = "", consequences = [], confirm, danger = false, isHasty = false, hasNote = true, noteLabel = "Note for the record (optional)" }) {
  const field = unique("note");
  const note = el("textarea", { id: field, maxlength: "2000", rows: "2" });
  return showDialog({
    title,
    build: (close) => ({
      body: [
        text ? el("p", {}, text) : null,
        consequences.length ? el("ul", { class: "consequences" }, consequences.map((line) => el("li", {}, line))) : null,
        hasNote ? el("div", { class: "field" }, el("label", { for: field }, noteLabel), note) : null,
      ],
      actions: [
        el("button", { type: "button", class: "button tall", autofocus: isHasty, onclick: () => close() }, "Cancel"),
        el("button", { type: "button", class: `button tall ${danger ? "danger" : "primary"}`, autofocus: !isHasty, onclick: () => close({ note: note.value.trim() }) }, confirm),
      ],
    }),
  });
}
