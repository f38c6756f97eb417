// Approve, edit or veto a held suggestion, bound to exactly what is shown.

import { campaignPath, get, post } from "./api.js";
import { pointForm } from "./campaign/pointform.js";
import { confirmAction, showDialog } from "./dialog.js";
import { el, fill, unique } from "./dom.js";
import { pointText } from "./format.js";
import { icon } from "./icons.js";
import { capital, press, problemBox, refuse, toast, whyNot } from "./shell.js";

/** Buttons for a WaitingApproval; `decided()` is called once the order was given, or when it was too late. */
export function decisionButtons(waiting, decided) {
  const act = (decide) => async () => {
    try {
      const answer = await decide(waiting);
      if (!answer) return;
      toast(capital(answer.answer), answer.taken ? "ok" : "attention");
    } catch (problem) {
      if (problem.status !== 409) throw problem;
      toast("This suggestion is no longer waiting", "bad", problem.message);
    }
    await decided();
  };
  const button = (look, words, sign, decide) => press(el("button", { type: "button", class: `button tall ${look}` }, icon(sign), words), act(decide));
  const buttons = [
    button("primary", waiting.is_ambiguous ? "Measure it again" : "Approve", "check", approve),
    waiting.is_ambiguous ? null : button("", "Edit", "edit", edit),
    button("danger-quiet", "Veto", "close", veto),
  ].filter(Boolean);
  for (const each of buttons) refuse(each, whyNot("operator"));
  return el("div", { class: "row approval-buttons" }, buttons);
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
  return askForPoint(waiting, space.filter(({ name }) => name in waiting.point));
}

const order = (waiting, verb, content) => post(campaignPath(waiting.campaign, "trials", waiting.trial, verb), { suggestion_hash: waiting.suggestion_hash, ...content });

/** Ask for another point and order it. What was typed stays when it is refused; null when somebody thought better of it. */
async function askForPoint(waiting, space) {
  const form = pointForm(space, waiting.point);
  const id = unique("note");
  const note = el("textarea", { id, rows: "2", maxlength: "2000" });
  const problem = el("div");
  let tooLate = null;
  const send = async (close) => {
    const point = form.read();
    if (!point) return;
    try {
      close(await order(waiting, "edit", { point, note: note.value.trim() }));
    } catch (refused) {
      if (refused.status === 409) { tooLate = refused; close(); }
      else fill(problem, problemBox(refused));
    }
  };
  const answer = await showDialog({
    title: `Measure another point instead of trial ${waiting.trial}`,
    build: (close) => ({
      body: [
        el("p", { class: "soft" }, "Yours is a new suggestion: it goes past the guardians again, and is then measured instead."),
        form.node,
        el("div", { class: "field" }, el("label", { for: id }, "Note for the record (optional)"), note),
        problem,
      ],
      actions: [
        el("button", { type: "button", class: "button tall", onclick: () => close() }, "Cancel"),
        press(el("button", { type: "button", class: "button tall primary" }, "Measure this instead"), () => send(close)),
      ],
    }),
  });
  if (tooLate) throw tooLate;
  return answer;
}
