// A plain text editor for campaign files: line numbers, an indenting Tab, and a way out of it for keyboards.

import { el, fill } from "../dom.js";

const INDENT = "  ";

/**
 * Make an editor. `changed` is called after every change.
 *
 * Tab indents; Escape makes the next Tab leave, and Shift+Tab always does, so that nobody is trapped.
 */
export function editor({ id, describedBy, changed }) {
  const numbers = el("div", { class: "editor-numbers", "aria-hidden": "true" });
  const area = el("textarea", { id, class: "editor-area", wrap: "off", spellcheck: "false", autocapitalize: "off", autocomplete: "off", autocorrect: "off", "aria-describedby": describedBy });
  let isLeaving = false;
  let marked = new Set();

  function number() {
    const count = area.value.split("\n").length;
    if (numbers.children.length !== count) fill(numbers, Array.from({ length: count }, (_, index) => el("span", {}, index + 1)));
    [...numbers.children].forEach((node, index) => node.classList.toggle("is-wrong", marked.has(index + 1)));
  }

  area.addEventListener("input", () => { number(); changed(); });
  area.addEventListener("scroll", () => { numbers.scrollTop = area.scrollTop; });
  area.addEventListener("blur", () => { isLeaving = false; });
  area.addEventListener("keydown", (event) => {
    if (event.key === "Escape") isLeaving = true;
    else if (event.key === "Tab" && !event.shiftKey && !isLeaving) { event.preventDefault(); insert(area, INDENT); }
    else if (event.key === "Enter" && !event.isComposing) { event.preventDefault(); insert(area, `\n${indentOf(area)}`); }
    else if (event.key !== "Tab" && event.key !== "Shift") isLeaving = false;
  });
  number();

  return {
    node: el("div", { class: "editor" }, numbers, area),
    get text() { return area.value; },
    set text(value) { area.value = value; number(); },
    /** Colour the numbers of these lines. */
    mark(lines) { marked = new Set(lines); number(); },
    /** Put the cursor on a line and show it. */
    goTo(line) { goTo(area, line); },
  };
}

/** Insert as typing does, so that undo works. */
function insert(area, text) {
  if (!document.execCommand("insertText", false, text)) area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
}

function indentOf(area) {
  const line = area.value.slice(0, area.selectionStart).split("\n").at(-1);
  return /^ */.exec(line)[0];
}

function goTo(area, line) {
  const lines = area.value.split("\n");
  const start = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
  area.focus();
  area.setSelectionRange(start, start + (lines[line - 1] ?? "").length);
  area.scrollTop = (line - 4) * parseFloat(getComputedStyle(area).lineHeight);
}
