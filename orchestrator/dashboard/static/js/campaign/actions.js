// Start, pause, resume, stop, abort, safe-stop: what is offered follows the campaign's state and the caller's role.

import { campaignPath, post } from "../api.js";
import { confirmAction, showDialog } from "../dialog.js";
import { el, fill, write } from "../dom.js";
import { duration } from "../format.js";
import { icon } from "../icons.js";
import { failed, press, refuse, toast, whyNot } from "../shell.js";

/** Give an order and say what became of it. */
export async function order(store, verb, body = {}) {
  const answer = await post(campaignPath(store.campaign, verb), body);
  toast(answer.answer, answer.taken === false ? "attention" : "ok");
  return answer;
}

const running = (store) => store.status.current && ["started", "ready"].includes(store.status.current.status) ? ` Trial ${store.status.current.trial}, in progress, gives no result; it is measured again after a resume.` : "";

const VERBS = {
  start: { text: "Start", icon: "play", style: "primary", run: (store) => order(store, "start") },
  resume: { text: "Resume", icon: "play", style: "primary", run: (store) => order(store, "resume") },
  pause: { text: "Pause", icon: "pause", style: "", run: (store) => order(store, "pause") },
  stop: {
    text: "Stop", icon: "stop", style: "",
    run: (store) => asked(store, "stop", {
      title: "Stop the campaign?", confirm: "Stop",
      consequences: [`The campaign stops now and the instrument is put in its safe state.${running(store)}`, "Everything measured so far is kept.", "You can resume it later."],
    }),
  },
  abort: {
    text: "Abort", icon: "abort", style: "danger-quiet",
    run: (store) => asked(store, "abort", {
      title: "End this campaign for good?", confirm: "Abort for good", danger: true, isHasty: true,
      consequences: ["The campaign ends now and can never be resumed. To pause or interrupt it, use Pause or Stop instead.", "The instrument is put in its safe state; a measurement in progress gives no result.", "Everything measured so far is kept, and the report stays."],
    }),
  },
};

async function asked(store, verb, question) {
  const answer = await confirmAction(question);
  if (answer) await order(store, verb, { note: answer.note });
}

/** Ask once, then stop everything that moves. */
export async function safeStop(store) {
  const answer = await confirmAction({
    title: "Safe-stop the instrument now?", confirm: "Safe-stop now", danger: true, hasNote: true,
    consequences: [
      "All axes are stopped and the shutter is closed at once, past the engine: this works even while the engine hangs.",
      `The instrument's process is ended, so that nothing can go on exposing.${running(store)}`,
      "The campaign stops. It can be resumed once you know that the instrument is well.",
    ],
  });
  if (!answer) return;
  toast("Safe-stop is on its way …", "attention");
  const done = await post(campaignPath(store.campaign, "safe-stop"), { note: answer.note });
  const timing = [
    done.seconds_to_command === null ? "" : `Stop command after ${duration(done.seconds_to_command)}.`,
    done.seconds_to_still === null ? "Nothing can tell whether the axes stand." : `Axes stand still after ${duration(done.seconds_to_still)}.`,
  ];
  toast(done.answer, "ok", [...timing, ...done.actions].filter(Boolean).join(" "), { stays: true });
}

/** Buttons for the verdict card, and the bar that stays at the foot of a phone's screen. */
export function actionsPart(store) {
  const inCard = el("div", { class: "actions row" });
  const refusal = el("p", { class: "small soft refusal" });
  const bar = el("div", { class: "action-bar", role: "group", "aria-label": "Control the campaign" });
  const buttons = { ...Object.fromEntries(Object.entries(VERBS).map(([verb, each]) => [verb, verbButton(store, verb, each)])), safe: safeButton(store) };
  const barButtons = { ...Object.fromEntries(["start", "resume", "pause"].map((verb) => [verb, verbButton(store, verb, VERBS[verb])])), safe: safeButton(store), more: moreButton(store) };
  fill(inCard, buttons.start, buttons.resume, buttons.pause, buttons.stop, buttons.abort, el("span", { class: "spacer" }), buttons.safe);
  fill(bar, barButtons.start, barButtons.resume, barButtons.pause, barButtons.safe, barButtons.more);

  store.on("status", ({ status }) => {
    const isOver = ["completed", "aborted"].includes(status.status);
    inCard.hidden = bar.hidden = isOver;
    write(refusal, whyNot("operator"));
    refusal.hidden = isOver || !refusal.textContent;
    document.body.classList.toggle("has-action-bar", !isOver);
    for (const set of [buttons, barButtons]) {
      for (const [verb, button] of Object.entries(set)) {
        if (!(verb in VERBS)) continue;
        const isAllowed = status.allowed.includes(verb);
        refuse(button, whyNot("operator") || (isAllowed ? "" : `A campaign that is ${status.status} cannot be told to ${verb}.`));
        // One place for start, resume and pause: what makes sense now.
        if (["start", "resume"].includes(verb)) button.hidden = !isAllowed;
        if (verb === "pause") button.hidden = !isAllowed && ["start", "resume"].some((other) => status.allowed.includes(other));
      }
      refuse(set.safe, whyNot("operator") || (status.allowed.includes("safe-stop") ? "" : `The campaign is ${status.status}: nothing of it moves the instrument.`));
    }
  });
  return { inCard: [inCard, refusal], bar };
}

function verbButton(store, verb, { text, icon: symbol, style, run }) {
  return press(el("button", { type: "button", class: `button tall ${style}`, data: { verb } }, icon(symbol), text), () => run(store));
}

const safeButton = (store) => press(el("button", { type: "button", class: "button tall danger safe-stop", data: { verb: "safe-stop" } }, icon("shield"), "Safe-stop"), () => safeStop(store));

/** On a phone: the rest, one tap away. */
function moreButton(store) {
  const button = el("button", { type: "button", class: "button tall", "aria-haspopup": "dialog", "aria-label": "More orders" }, icon("sliders"));
  button.addEventListener("click", async () => {
    const verb = await showDialog({
      title: "More",
      build: (close) => ({
        body: el("div", { class: "stack" }, choice(store, close, "pause-now", "Pause now", "pause", "pause", "Interrupts the trial in progress; it is measured again after a resume."),
          choice(store, close, "stop", "Stop", "stop", "stop", "Puts the instrument in its safe state. The campaign can be resumed."),
          choice(store, close, "abort", "Abort", "abort", "abort", "Ends the campaign for good.")),
      }),
    });
    try {
      if (verb === "pause-now") await order(store, "pause", { now: true });
      else if (verb) await VERBS[verb].run(store);
    } catch (problem) { failed(problem); }
  });
  return button;
}

function choice(store, close, name, text, symbol, verb, hint) {
  const button = el("button", { type: "button", class: "button tall" }, icon(symbol), text);
  refuse(button, whyNot("operator") || (store.status.allowed.includes(verb) ? "" : `Not while it is ${store.status.status}.`));
  button.addEventListener("click", () => (button.title ? toast(button.title, "attention") : close(name)));
  return el("div", { class: "stack tight" }, button, el("p", { class: "small muted" }, button.title || hint));
}
