// The space: a map, slices or parallel coordinates, as of now or of any earlier trial.

import { el, fill, write } from "../dom.js";
import { plural, quantity } from "../format.js";
import { createMap } from "../charts/map.js";
import { createParallel } from "../charts/parallel.js";
import { createSlice } from "../charts/slices.js";
import { parameterAxis } from "../charts/axes.js";
import { shape } from "../charts/sparkline.js";
import { posteriors } from "./posteriors.js";
import { card, picker, segments } from "./parts.js";
import { COUNTING, objectiveOf, scoreOf } from "./store.js";

const OVER = ["vetoed", "failed", "done"];

export function spacePart(store, openTrial) {
  const choose = (target) => openTrial(target.key);
  const state = { view: "", quantityShown: "mean", x: "", y: "", asOf: null, objective: "" };
  const map = createMap({ choose });
  const parallel = createParallel({ choose });
  const slicesHost = el("div", { class: "slices" });
  const remark = el("p", { class: "small muted" });
  const host = el("div", {});
  const controls = el("div", { class: "row space-controls" });
  const time = timeline(state, () => show());
  const node = card("The space", {}, controls, host, key(), time.node, remark);
  const asked = posteriors(store, () => show());
  let isBuilt = false;
  let slices = [];

  function build() {
    isBuilt = true;
    const { space } = store.status;
    const many = space.length;
    state.view = many === 1 ? "slices" : many === 2 ? "map" : "slices";
    [state.x, state.y] = [space[0].name, space[1]?.name ?? ""];
    state.objective = objectiveOf(store).name;
    slices = space.map((parameter) => ({ parameter, chart: createSlice({ choose }) }));
    fill(slicesHost, slices.map(({ chart }) => chart.node));
    fill(controls, viewButtons(many), pairPickers(space), quantityButtons());
  }

  function viewButtons(many) {
    const options = [["map", "Map"], ["slices", "Slices"], ["parallel", "Parallel"]].filter(([view]) => (view === "map" ? many > 1 : view === "parallel" ? many > 2 : true));
    if (options.length < 2) return null;
    const buttons = segments("Drawing", options, (view) => { state.view = view; show(); });
    buttons.select(state.view);
    return buttons.node;
  }

  function pairPickers(space) {
    if (space.length < 3) return null;
    const options = space.map(({ name }) => [name, name]);
    const across = picker("across", options, (name) => { if (name === state.y) { state.y = state.x; upward.select.value = state.y; } state.x = name; show(); });
    const upward = picker("up", options, (name) => { if (name === state.x) { state.x = state.y; across.select.value = state.x; } state.y = name; show(); });
    across.select.value = state.x;
    upward.select.value = state.y;
    return el("span", { class: "row pair" }, across.node, upward.node);
  }

  function quantityButtons() {
    const buttons = segments("What the map shows", [["mean", "Mean"], ["sd", "Uncertainty"]], (which) => { state.quantityShown = which; show(); });
    buttons.select("mean");
    buttons.node.classList.add("quantity");
    return buttons.node;
  }

  function show() {
    if (!store.status) return;
    if (!isBuilt) build();
    const scene = sceneOf(store, state);
    time.update(store);
    controls.querySelector(".pair")?.toggleAttribute("hidden", state.view !== "map");
    const views = { map: showMap, slices: showSlices, parallel: showParallel };
    const { wanted, drawn } = views[state.view](scene);
    const isModelled = drawn.some((each) => each.grid);
    controls.querySelector(".quantity")?.toggleAttribute("hidden", state.view !== "map" || !isModelled);
    if (host.firstChild !== wanted) fill(host, wanted);
    write(remark, explain(scene, drawn));
  }

  function showMap(scene) {
    const [x, y] = [state.x, state.y].map((name) => parameterAxis(store.status.space.find((each) => each.name === name)));
    const answer = asked.ask({ x: state.x, y: state.y, n: 40, trial: state.asOf, isPossible: x.isNumeric && y.isNumeric });
    map.show({ ...scene, x, y, grid: answer.grid, quantityShown: state.quantityShown });
    return { wanted: map.node, drawn: [answer] };
  }

  function showSlices(scene) {
    const answers = slices.map(({ parameter, chart }) => {
      const x = parameterAxis(parameter);
      const answer = asked.ask({ x: parameter.name, n: 60, trial: state.asOf, isPossible: x.isNumeric });
      chart.show({ ...scene, x, grid: answer.grid });
      return answer;
    });
    return { wanted: slicesHost, drawn: answers };
  }

  function showParallel(scene) {
    parallel.show({ ...scene, axes: store.status.space.map(parameterAxis) });
    return { wanted: parallel.node, drawn: [] };
  }

  store.on("trials", show);
  store.on("status", show);
  return node;
}

/** What is on the drawing: measured points, the best and the next one, as of the chosen trial. */
function sceneOf(store, state) {
  const objective = objectiveOf(store);
  const until = state.asOf ?? Infinity;
  const trials = [];
  let best = null;
  let next = null;
  for (const trial of store.trials()) {
    if (trial.trial > until + 1) break;
    const score = scoreOf(store, trial);
    const shown = { trial: trial.trial, point: trial.point, value: score.value ?? null, sd: score.sd ?? null };
    if (trial.trial <= until && (shown.value !== null || ["measured", "awaiting analysis"].includes(trial.status))) trials.push(shown);
    else if (!OVER.includes(trial.status) && trial.kind !== "finish" && Object.keys(trial.point).length) next = { ...shown, value: null };
    const counts = COUNTING.includes(trial.kind);
    if (counts && trial.trial <= until && shown.value !== null && (!best || (objective.goal === "minimise" ? shown.value < best.value : shown.value > best.value))) best = shown;
  }
  return { trials, best, next, objective: objective.name, unit: objective.unit, until };
}

function explain({ trials, next }, drawn) {
  const withModel = drawn.find((each) => each.grid);
  const points = `${plural(trials.length, "measured point")}${next ? `, trial ${next.trial} comes next` : ""}.`;
  if (!drawn.length) return points;
  if (!withModel) return `${points} ${drawn[0].isAsking ? "Asking for the model …" : drawn[0].reason || "The agent had no model here."}`;
  const held = Object.entries(withModel.grid.others);
  const others = held.length ? ` The other parameters are held at the best point${drawn.length === 1 ? `: ${held.map(([name, value]) => `${name} ${quantity(value)}`).join(", ")}` : ""}.` : "";
  return `${points} The model is the one that chose trial ${withModel.grid.trial}.${others}`;
}

/** The slider through the campaign's past. */
function timeline(state, changed) {
  const slider = el("input", { type: "range", min: "1", max: "1", value: "1", "aria-label": "As of trial" });
  const label = el("span", { class: "small soft nowrap" });
  const live = el("button", { type: "button", class: "button quiet", hidden: true }, "Back to now");
  const node = el("div", { class: "as-of" }, el("span", { class: "label" }, "as of"), slider, label, live);
  const apply = () => {
    const value = Number(slider.value);
    state.asOf = value >= Number(slider.max) ? null : value;
    changed();
  };
  slider.addEventListener("input", apply);
  live.addEventListener("click", () => { slider.value = slider.max; apply(); slider.focus(); });
  return {
    node,
    update(store) {
      const last = store.trials().at(-1)?.trial ?? 1;
      node.hidden = last < 2;
      slider.max = String(last);
      if (state.asOf === null) slider.value = String(last);
      const text = state.asOf === null ? "now" : `trial ${state.asOf} of ${last}`;
      write(label, text);
      slider.setAttribute("aria-valuetext", text);
      live.hidden = state.asOf === null;
    },
  };
}

function key() {
  const items = [["circle", { cx: 11, cy: 8, r: 4, class: "key-dot" }, "measured"], ["circle", { cx: 11, cy: 8, r: 6.5, class: "key-ring" }, "best"], ["path", { d: "M11,1.500L17.500,8L11,14.500L4.500,8ZM8.500,8H13.500M11,5.500V10.500", class: "key-next" }, "next"]];
  return el("ul", { class: "legend space-legend" }, items.map(([tag, attributes, text]) => el("li", {}, shape("svg", { viewBox: "0 0 22 16", "aria-hidden": "true" }, shape(tag, attributes)), text)));
}
