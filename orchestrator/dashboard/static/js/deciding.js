// Approve, edit or veto a held suggestion, bound to exactly what is shown.

import { campaignPath, get, post } from "./api.js";
import { confirmAction, showDialog } from "./dialog.js";
import { el, fill, unique } from "./dom.js";
import { pointText } from "./format.js";
import { icon } from "./icons.js";
import { pointForm } from "./point-form.js";
import { failed, press, refuse, toast, whyNot } from "./shell.js";

/** Buttons for a WaitingApproval; `decided()` is called once the order was given, or when it was too late. */
export function decisionButtons(waiting, decided) {
  const act = (decide) => async () => {
    try {
      const answer = await decide(waiting);
      if (answer) toast(answer.answer);
      if (answer) decided();
    } catch (problem) {
      failed(problem);
      if (problem.status === 409) decided();
    }
  };
  const button = (look, words, sign, decide) => press(el("button", { type: "button", class: `button tall ${look}` }, icon(sign), words), act(decide));
  const buttons = [
    button("primary", waiting.is_ambiguous ? "Measure it again" : "Approve", "check", approve),
    waiting.is_ambiguous ? null : button("", "Edit", "edit", edit),
    button("danger-quiet", "Veto", "close", veto),
  ].filter(Boolean);
  for (const each of buttons) refuse(each, whyNot("operator"));
  return el("div", { class: "decisions" }, buttons);
}

async function approve(waiting) {
  const given = await confirmAction({
    title: waiting.is_ambiguous ? `Measure trial ${waiting.trial} again?` : `Approve trial ${waiting.trial}?`,
    text: pointText(waiting.point, waiting.units),
    consequences: [waiting.is_ambiguous ? "The sample may be exposed a second time." : "The instrument moves there and measures as soon as it is free.", "Your name is recorded."],
    confirm: waiting.is_ambiguous ? "Measure again" : "Approve",
  });
  return given && order(waiting, "approve", given);
}

async function veto(waiting) {
  const given = await confirmAction({
    title: `Veto trial ${waiting.trial}?`,
    text: pointText(waiting.point, waiting.units),
    consequences: ["This point is not measured; the agent suggests another one.", "Your name is recorded."],
    confirm: "Veto",
    danger: true,
  });
  return given && order(waiting, "veto", given);
}

async function edit(waiting) {
  const { space } = await get(campaignPath(waiting.campaign));
  const given = await askForPoint(waiting, space.filter(({ name }) => name in waiting.point));
  return given && order(waiting, "edit", given);
}

const order = (waiting, verb, content) => post(campaignPath(waiting.campaign, "trials", waiting.trial, verb), { suggestion_hash: waiting.suggestion_hash, ...content });

/** Ask for another point and why; null when somebody thought better of it. */
function askForPoint(waiting, space) {
  const form = pointForm(space, waiting.point);
  const id = unique("note");
  const note = el("textarea", { id, rows: "2", maxlength: "2000" });
  const problem = el("p", { class: "error", role: "alert" });
  return showDialog({
    title: `Edit trial ${waiting.trial}`,
    build: (close) => ({
      body: [
        el("p", { class: "soft" }, "The edited point is a suggestion of yours. It goes past the guardians again, and is then measured instead."),
        form.node,
        el("div", { class: "field" }, el("label", { for: id }, "Note for the record (optional)"), note),
        problem,
      ],
      actions: [
        el("button", { type: "button", class: "button tall", onclick: () => close() }, "Cancel"),
        el("button", { type: "button", class: "button tall primary", onclick: () => {
          const point = form.read();
          fill(problem, point ? "" : "Put the marked values right first.");
          if (point) close({ point, note: note.value.trim() });
        } }, "Measure this instead"),
      ],
    }),
  });
}
