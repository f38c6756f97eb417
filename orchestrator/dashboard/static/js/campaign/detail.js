// Everything the ledger knows of one trial, in a dialog.

import { campaignPath, get } from "../api.js";
import { showDialog } from "../dialog.js";
import { el, fill } from "../dom.js";
import { duration, measured, number, pointText, quantity, timeElement } from "../format.js";
import { problemBox } from "../shell.js";
import { arrayViewer } from "./arrays.js";
import { comparison, unitsOf, verdictLine } from "./parts.js";

/** Open a trial. */
export function openTrialOf(store) {
  return (trial) => {
    const host = el("div", { class: "stack" }, el("p", { class: "muted" }, "Reading …"));
    get(campaignPath(store.campaign, "trials", String(trial))).then((detail) => fill(host, content(store, detail)), (problem) => fill(host, problemBox(problem)));
    return showDialog({ title: `Trial ${trial}`, wide: true, build: () => ({ body: host }) });
  };
}

function content(store, { trial, evidence, observation, attempts, explanation, units: written }) {
  const units = unitsOf(store.status);
  return [
    el("p", { class: "explanation" }, explanation),
    el("div", { class: "grid" },
      part("Point", points(trial, units)),
      part("Predicted and measured", store.status.objectives.filter(({ name }) => trial.scores[name]).map((objective) => comparison(objective, trial.scores[objective.name])), acquisition(evidence))),
    trial.verdicts.length ? part("Verdicts", el("ul", { class: "stack tight" }, trial.verdicts.map(verdictLine))) : null,
    evidence.runners_up.length ? part("Runners-up", runnersUp(store, evidence, units)) : null,
    Object.keys(trial.arrays).length ? part("Spectra and images", arrayViewer(store, trial)) : null,
    attempts.length ? part("Attempts", attemptTable(attempts)) : null,
    observation ? part("Readings", readings(observation, written.readings)) : null,
    model(evidence),
  ];
}

const part = (title, ...children) => el("section", { class: "stack tight" }, el("h3", {}, title), children);

function points(trial, units) {
  const has = trial.readback !== null;
  return table(["parameter", "set", has ? "read back" : null].filter(Boolean), Object.entries(trial.point).map(([name, value]) => [name, quantity(value, units[name], 6), has ? quantity(trial.readback[name], units[name], 6) : null].filter((cell) => cell !== null)));
}

function acquisition({ acquisition: found, seconds }) {
  const parts = found ? Object.entries(found.parts).map(([name, value]) => `${name} ${quantity(value, found.unit, 3)}`).join(", ") : "";
  const took = Object.entries(seconds).map(([step, value]) => `${step} ${duration(value)}`).join(", ");
  return el("p", { class: "small muted" }, [found ? `Ranked by ${found.name}${found.is_log ? "" : `, ${worth(found, found.value)}`}${parts ? `: ${parts}` : ""}.` : "", took ? `Thinking: ${took}.` : ""].join(" "));
}

/** What an acquisition function makes of a point; of logarithms only the share of the chosen point's means something. */
const worth = (acquisition, value) => acquisition.is_log ? `${number(100 * Math.exp(Math.min(value - acquisition.value, 10)), 2)} % of this point's` : quantity(value, acquisition.unit, 4);

function runnersUp(store, evidence, units) {
  const objective = store.status.objectives[0];
  return table(["point", `expected ${objective.name}`, evidence.acquisition ? evidence.acquisition.name : "worth"], evidence.runners_up.map((other) => {
    const predicted = other.predicted[objective.name];
    return [pointText(other.point, units), predicted ? measured(predicted.mean, predicted.sd, objective.unit) : "–", other.acquisition === null || !evidence.acquisition ? "–" : worth(evidence.acquisition, other.acquisition)];
  }));
}

const attemptTable = (attempts) => table(["attempt", "when", "outcome", "why"], attempts.map((each) => [each.number, timeElement(each.recorded_at, { seconds: true }), each.outcome, each.reason || "–"]));

function readings(observation, units) {
  return [
    table(["signal", "value"], Object.entries(observation.readings).map(([name, value]) => [name, measured(value, observation.sds[name], units[name])])),
    el("p", { class: "small muted" }, `Exposure ${duration(observation.exposure_s)}, dose ${number(observation.dose)}`, observation.dead_s === null ? "" : `, dead time before it ${duration(observation.dead_s)}`, observation.run_uid ? [", run ", el("code", {}, observation.run_uid)] : "", observation.is_adopted ? "; found finished after a crash, not measured again" : ""),
  ];
}

function model(evidence) {
  if (!Object.keys(evidence.model).length) return null;
  return el("details", { class: "more" }, el("summary", {}, "The model's parameters"), el("pre", { class: "small", tabindex: "0" }, JSON.stringify(evidence.model, null, 2)));
}

function table(head, rows) {
  return el("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": head.filter(Boolean).join(", ") }, el("table", {}, el("thead", {}, el("tr", {}, head.map((text) => el("th", { scope: "col" }, text)))), el("tbody", {}, rows.map((row) => el("tr", {}, row.map((cell) => el("td", {}, cell)))))));
}
