// What `nightshift check` says of the text, while it is typed.

import { post } from "../api.js";
import { el, fill } from "../dom.js";
import { icon } from "../icons.js";
import { problemBox } from "../shell.js";

const LINE = /^\S+?:(\d+):|\bline (\d+)/;

/** Keeps `host` up to date; `ask(text, {connect, seed})` checks, and only the latest answer is shown. */
export function checker(host, { mark, goTo, judged }) {
  let asked = 0;

  async function ask(spec, { connect }) {
    asked += 1;
    const mine = asked;
    judged(null);
    host.setAttribute("aria-busy", "true");
    try {
      const answer = await post("/check", { spec, connect });
      if (mine === asked) show(answer);
    } catch (problem) {
      if (mine === asked) { fill(host, problemBox(problem)); judged(null); }
    } finally {
      if (mine === asked) host.removeAttribute("aria-busy");
    }
  }

  function show({ is_valid: isValid, lines, problems }) {
    mark(problems.map(lineOf).filter(Boolean));
    fill(host, isValid ? fine(lines) : wrong(problems, goTo));
    judged(isValid);
  }

  function empty() {
    asked += 1;
    mark([]);
    host.removeAttribute("aria-busy");
    fill(host, el("p", { class: "soft" }, "Choose a campaign to start from, or paste a campaign file. What is wrong with it is said here while you type."));
    judged(false);
  }

  return { ask, empty };
}

function lineOf(problem) {
  const found = LINE.exec(problem);
  return found ? Number(found[1] ?? found[2]) : 0;
}

function fine(lines) {
  return [
    el("p", { class: "check-word level ok" }, icon("ok"), "This can be run"),
    el("ul", { class: "check-lines" }, lines.map((line) => el("li", {}, line))),
  ];
}

function wrong(problems, goTo) {
  return [
    el("p", { class: "check-word level bad" }, icon("bad"), problems.length === 1 ? "One thing is wrong" : `${problems.length} things are wrong`),
    el("ul", { class: "check-problems" }, problems.map((problem) => el("li", {}, problem, lineOf(problem) ? el("button", { type: "button", class: "link-button", onclick: () => goTo(lineOf(problem)) }, `Go to line ${lineOf(problem)}`) : null))),
  ];
}
