// The human in the loop: every change is an event with who and why.

import { campaignPath, post } from "../api.js";
import { showDialog } from "../dialog.js";
import { el, fill, unique } from "../dom.js";
import { quantity } from "../format.js";
import { icon } from "../icons.js";
import { press, problemBox, refuse, toast, whyNot } from "../shell.js";
import { card, field } from "./parts.js";
import { parameterField, pointForm } from "./pointform.js";

const AGENTS = ["bayesian", "random", "sobol", "grid"];

export function steeringPart(store) {
  const buttons = [
    ["plus", "Add a point", "suggest", addPoint], ["target", "Fix or release", "amend", fixOrRelease], ["sliders", "Limits", "amend", setLimits],
    ["waiting", "Budget", "amend", setBudget], ["repeat", "Switch agent", "amend", switchAgent],
  ].map(([symbol, text, action, open]) => ({ action, open, node: press(el("button", { type: "button", class: "button" }, icon(symbol), text), () => open(store)) }));
  const about = el("p", { class: "small muted" }, "Changes take effect between two trials, and are recorded with your name.");
  const fixed = el("p", { class: "small soft" });
  const node = card("Take part", {}, el("div", { class: "row steer-buttons" }, buttons.map((each) => each.node)), fixed, about);
  store.on("status", ({ status }) => {
    const isPossible = status.allowed.includes("amend") || status.allowed.includes("suggest");
    node.hidden = !isPossible;
    for (const { open, node: button } of buttons) button.hidden = Boolean(status.night) && open !== setBudget;  // each stage has its own space and agent
    for (const { action, node: button } of buttons) refuse(button, whyNot("operator") || (status.allowed.includes(action) ? "" : `Not while the campaign is ${status.status}.`));
    const held = status.space.filter((parameter) => parameter.fixed !== null);
    fixed.hidden = !held.length;
    fixed.textContent = held.length ? `Fixed: ${held.map((parameter) => `${parameter.name} at ${quantity(parameter.fixed, parameter.unit)}`).join(", ")}.` : "";
  });
  return node;
}

/** A form in a dialog; `read` gives {path, body}, or null when something is missing. */
async function formDialog({ store, title, text, content, read, confirm }) {
  const note = field("Why? For the record (optional)", {}, { input: el("textarea", { rows: "2", maxlength: "2000" }) });
  const problem = el("div", {});
  const send = async (close) => {
    const request = read();
    if (!request) return;
    try {
      const answer = await post(campaignPath(store.campaign, request.path), { ...request.body, note: note.control.value.trim() });
      toast(answer.answer, answer.taken ? "ok" : "attention");
      close(true);
    } catch (refused) { fill(problem, problemBox(refused)); }
  };
  await showDialog({
    title,
    build: (close) => ({
      body: [text ? el("p", { class: "soft" }, text) : null, content, note.node, problem],
      actions: [el("button", { type: "button", class: "button tall", onclick: () => close() }, "Cancel"), press(el("button", { type: "button", class: "button tall primary" }, confirm), () => send(close))],
    }),
  });
}

const change = (content) => ({ path: "changes", body: { change: content } });

function addPoint(store) {
  const form = pointForm(store.status.space, store.status.best?.point);
  return formDialog({
    store, title: "Measure this point next", confirm: "Add the point", content: form.node, text: "It goes past the guardians like any suggestion, and the agent learns from it. The best point so far is filled in.",
    read: () => { const point = form.read(); return point && { path: "points", body: { point } }; },
  });
}

function fixOrRelease(store) {
  const { space } = store.status;
  const value = el("div", {});
  let current = null;
  const which = parameterSelect(space, (parameter) => {
    current = { parameter, field: parameter.fixed === null ? parameterField(parameter, store.status.best?.point[parameter.name], "Keep it at") : null };
    fill(value, current.field ? current.field.node : el("p", { class: "note" }, `${parameter.name} is fixed at ${quantity(parameter.fixed, parameter.unit)}. Releasing lets the agent search it again.`));
  });
  return formDialog({
    store, title: "Fix or release a parameter", confirm: "Do it", content: el("div", { class: "stack" }, which.node, value),
    read: () => {
      const { parameter, field: input } = current;
      if (!input) return change({ type: "release-parameter", parameter: parameter.name });
      const held = input.read();
      return held === null ? null : change({ type: "fix-parameter", parameter: parameter.name, value: held });
    },
  });
}

function setLimits(store) {
  const space = store.status.space.filter((parameter) => parameter.lower !== null);
  if (!space.length) { toast("No parameter of this campaign has limits; fix one at a value instead", "attention"); return null; }
  const host = el("div", {});
  let current = null;
  const which = parameterSelect(space, (parameter) => {
    const free = { ...parameter, lower: parameter.device_lower, upper: parameter.device_upper, type: parameter.type };
    current = { parameter, lower: parameterField(free, parameter.lower, "From"), upper: parameterField(free, parameter.upper, "To") };
    fill(host, el("div", { class: "grid form-grid" }, current.lower.node, current.upper.node),
      el("p", { class: "small muted" }, `Now ${quantity(parameter.lower)} to ${quantity(parameter.upper, parameter.unit)}. Narrowing takes an operator, widening an admin.`));
  });
  return formDialog({
    store, title: "Search between other limits", confirm: "Set limits", content: el("div", { class: "stack" }, which.node, host),
    read: () => {
      const [lower, upper] = [current.lower.read(), current.upper.read()];
      return lower === null || upper === null ? null : change({ type: "set-limits", parameter: current.parameter.name, lower, upper });
    },
  });
}

function setBudget(store) {
  const now = store.status.budget ?? {};
  const fields = {
    trials: field("Trials", { inputmode: "numeric", value: now.trials ?? "" }),
    wall_time: field("Time in all", { value: seconds(now.wall_time) }, { hint: "such as 8 h or 90 min" }),
    until: field("Until (time of day)", { value: now.until ?? "", placeholder: "07:30" }),
    exposure: field("Beam time", { value: seconds(now.exposure) }, { hint: "such as 2 h" }),
    dose: field("Dose", { inputmode: "decimal", value: now.dose ?? "" }),
  };
  return formDialog({
    store, title: "Change the budget", confirm: "Change the budget", text: "This is the whole new budget: what is left empty is unlimited. The first limit reached ends the campaign.",
    content: el("div", { class: "grid form-grid" }, Object.values(fields).map((each) => each.node)),
    read: () => {
      const written = Object.entries(fields).map(([name, { control }]) => [name, control.value.trim()]).filter(([, text]) => text);
      const budget = Object.fromEntries(written.map(([name, text]) => [name, ["trials", "dose"].includes(name) ? Number(text) : text]));
      return change({ type: "set-budget", budget });
    },
  });
}

const seconds = (value) => (value === null || value === undefined ? "" : value % 3600 === 0 ? `${value / 3600} h` : value % 60 === 0 ? `${value / 60} min` : `${value} s`);

function switchAgent(store) {
  const list = unique("agents");
  const agent = field("Agent", { list, value: "", placeholder: store.status.agent }, { hint: `Now ${store.status.agent}. Any installed agent's name.` });
  return formDialog({
    store, title: "Let another agent choose", confirm: "Switch", text: "It sees everything measured so far, and chooses from the next trial on.",
    content: el("div", {}, agent.node, el("datalist", { id: list }, AGENTS.map((name) => el("option", { value: name })))),
    read: () => { const type = agent.control.value.trim(); if (!type) agent.control.focus(); return type ? change({ type: "switch-agent", agent: { type } }) : null; },
  });
}

function parameterSelect(space, choose) {
  const select = el("select", { onchange: () => choose(space[Number(select.value)]) }, space.map((parameter, index) => el("option", { value: index }, parameter.fixed === null ? parameter.name : `${parameter.name} (fixed)`)));
  choose(space[0]);
  return field("Parameter", {}, { input: select });
}
