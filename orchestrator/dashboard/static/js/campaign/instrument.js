// The instrument: what it reads this moment, its interlocks, who holds it, and how fresh all that is.

import { get } from "../api.js";
import { el, fill, keyed, write } from "../dom.js";
import { duration, quantity, secondsSince } from "../format.js";
import { icon } from "../icons.js";
import { listen } from "../stream.js";
import { card, picker } from "./parts.js";
import { createCurve } from "../charts/spectrum.js";
import { arrayView } from "./arrays.js";
import { objectiveOf } from "./store.js";

const WINDOW_S = 120;
const OLD_S = 5;
const NOT_RUN = ["completed", "aborted", "stopped", "created"];

/** Follow the instrument's live values. `live.state` is {instrument, live, series}. */
export function followInstrument(store) {
  const live = { instrument: null, values: null, series: new Map(), problem: "" };
  let followed = "";
  store.on("status", async ({ status }) => {
    if (!status.instrument_id || followed === status.instrument_id) return;
    followed = status.instrument_id;
    const path = `/instruments/${encodeURIComponent(followed)}`;
    try {
      live.instrument = await get(path);
      if (live.instrument.live) remember(live, live.instrument.live);
    } catch (problem) { live.problem = problem.message; }
    store.touch("live");
    const isOver = ["completed", "aborted"].includes(status.status);
    if (live.instrument && !isOver) listen(`${path}/stream`, { live: (values) => { remember(live, values); store.touch("live"); } });
    setInterval(async () => {
      if (document.visibilityState !== "visible") return;
      try { live.instrument = await get(path); live.problem = ""; store.touch("live"); } catch { /* the connection state already says so */ }
    }, 15_000);
  });
  return live;
}

function remember(live, values) {
  live.values = values;
  const at = new Date(values.at).getTime() / 1000;
  for (const [name, value] of Object.entries({ ...values.signals, ...values.positions })) {
    if (typeof value !== "number") continue;
    const series = live.series.get(name) ?? [];
    series.push([at, value]);
    while (series.length && series[0][0] < at - WINDOW_S) series.shift();
    live.series.set(name, series);
  }
}

/** The live signal: a value over the last two minutes, and the latest spectrum or image. */
export function signalPart(store, live) {
  const curve = createCurve({ height: 170 });
  const now = el("p", { class: "live-value" });
  const about = el("p", { class: "small muted" });
  const view = arrayView(store);
  const pickers = el("div", { class: "row" });
  const arrays = el("div", { class: "stack tight", hidden: true });
  let signal = "";
  let array = "";
  const node = card("Live signal", { end: pickers }, now, curve.node, about, arrays);
  const valuePicker = chooser("Signal", pickers, (name) => { signal = name; show(); });
  const arrayPicker = chooser("Spectrum or image", arrays, (name) => { array = name; show(); });
  arrays.append(view.node);

  function show() {
    if (!store.status) return;
    const streamed = [...live.series.keys()];
    node.hidden = Boolean(store.status.night) && !streamed.length;
    const objective = objectiveOf(store)?.name;
    const names = streamed.length ? streamed : Object.keys(lastReading(store)?.readings ?? {});
    if (!names.includes(signal)) signal = names.includes(objective) ? objective : (names[0] ?? "");
    valuePicker.offer(names, signal);
    if (streamed.length) showStream(); else showReadings();
    const withArrays = store.trials().findLast((trial) => Object.keys(trial.arrays).length);
    arrays.hidden = !withArrays;
    if (!withArrays) return;
    const kinds = Object.keys(withArrays.arrays);
    if (!kinds.includes(array)) array = kinds[0];
    arrayPicker.offer(kinds, array);
    view.show(withArrays.trial, array);
  }

  function showStream() {
    const series = live.series.get(signal);
    const unit = unitOf(live, signal);
    write(now, quantity(series.at(-1)[1], unit));
    const last = series.at(-1)[0];
    curve.node.hidden = series.length < 2;
    curve.show({ values: series.map(([, value]) => value), unit, name: signal, title: `${signal}, live`, xName: "seconds ago", from: series[0][0] - last, to: 0 });
    write(about, secondsSince(live.values.at) > OLD_S ? `Last word ${duration(secondsSince(live.values.at))} ago.` : "Straight from the instrument; not every value is kept.");
  }

  function showReadings() {
    const values = store.trials().slice(-200).map((trial) => trial.readings[signal]).filter((value) => typeof value === "number");
    const unit = unitOf(live, signal);
    write(now, values.length ? quantity(values.at(-1), unit) : "–");
    curve.node.hidden = values.length < 2;
    curve.show({ values, unit, name: signal, title: `${signal} by trial`, xName: "measured trials", from: 1, to: values.length });
    write(about, values.length ? "By trial: this instrument shows nothing between trials." : "Nothing is read yet.");
  }

  store.on("live", show);
  store.on("trials", show);
  return node;
}

const lastReading = (store) => store.trials().findLast((trial) => Object.keys(trial.readings).length);
const unitOf = (live, name) => live.instrument?.signals[name] ?? live.instrument?.axes[name] ?? "";

/** A picker whose options follow what there is; it shows only when there is a choice. */
function chooser(label, host, choose) {
  let offered = "";
  const place = el("span", { hidden: true });
  host.append(place);
  return {
    offer(names, chosen) {
      if (names.join("|") === offered) return;
      offered = names.join("|");
      place.hidden = names.length < 2;
      const { node, select } = picker(label, names.map((name) => [name, name]), choose, { isLabelShown: false });
      select.value = chosen;
      fill(place, node);
    },
  };
}

/** Beam, interlocks, readbacks with their ages, and everything that should have a heartbeat. */
export function instrumentPart(store, live) {
  const locks = el("ul", { class: "stack tight" });
  const beats = el("ul", { class: "stack tight beats" });
  const values = el("tbody", {});
  const table = el("table", { class: "readbacks" }, el("caption", {}, "Readback"), el("thead", {}, el("tr", {}, ["", "value", "age"].map((text, place) => el("th", { scope: "col", class: place ? "number" : "" }, text)))), values);
  const about = el("p", { class: "small muted" });
  const node = card("Instrument", {}, locks, beats, table, about);
  const show = () => {
    if (!store.status) return;
    showLocks(locks, store.status, live);
    showBeats(beats, store.status, live);
    showValues(table, values, live, NOT_RUN.includes(store.status.status));
    write(about, live.problem || aboutOf(live));
    about.hidden = !about.textContent;
  };
  store.on("status", show);
  store.on("live", show);
  setInterval(show, 1000);
  return node;
}

function showLocks(host, status, { instrument, values }) {
  const holds = { ...status.interlocks, ...values?.interlocks };
  keyed(host, Object.entries(holds), {
    key: ([name, isHeld]) => `${name}-${isHeld}`,
    build: ([name, isHeld]) => {
      const level = isHeld ? "ok" : "bad";
      return el("li", { class: "row" }, el("span", { class: `chip level ${level}` }, icon(level), `${name} ${isHeld ? "ok" : "lost"}`), el("span", { class: "small soft" }, instrument?.interlocks[name] ?? ""));
    },
  });
}

function showBeats(host, status, { instrument, values }) {
  const isOver = NOT_RUN.includes(status.status);
  const age = values ? secondsSince(values.at) : null;
  const beats = [
    ["Engine", status.is_run ? "ok" : isOver ? "waiting" : "bad", status.is_run ? `runs as ${status.runner}` : isOver ? "not needed" : "nobody runs it"],
    instrument ? ["Devices", age === null ? "waiting" : age < OLD_S ? "ok" : isOver ? "waiting" : "attention", age === null ? "seen only by their own process" : `last word ${duration(Math.max(0, age))} ago${values.is_moving ? ", moving" : ""}`] : null,
    values?.shutter ? ["Shutter", "waiting", values.shutter] : null,
    instrument ? ["Lease", instrument.is_held ? "ok" : "waiting", instrument.is_held ? `held by ${instrument.holder || "its engine"}` : "free"] : null,
    status.n_commands ? ["Inbox", "attention", `${status.n_commands} orders not taken yet`] : null,
  ].filter(Boolean);
  keyed(host, beats, {
    key: ([name]) => name,
    build: ([name]) => el("li", { class: "level beat" }, el("span", { class: "beat-icon" }), el("span", { class: "beat-name" }, name), el("span", { class: "small soft beat-text" })),
    update: (node, [, level, text]) => {
      if (node.dataset.level !== level) { node.dataset.level = level; node.className = `level beat ${level}`; fill(node.firstChild, icon(level)); }
      write(node.lastChild, text);
    },
  });
}

function showValues(table, body, { instrument, values }, isOver) {
  const rows = rowsOf(instrument, values, isOver);
  table.hidden = !rows.length;
  keyed(body, rows, {
    key: ({ name }) => name,
    build: ({ name }) => el("tr", {}, el("th", { scope: "row" }, name), el("td", { class: "number" }), el("td", { class: "number small age" })),
    update: (row, { value, unit, age, isOld }) => {
      write(row.children[1], quantity(value, unit, 5));
      write(row.children[2], age === null ? "–" : `${duration(Math.max(0, age))}${isOld ? " ⚠" : ""}`);
      row.children[2].classList.toggle("is-old", isOld);
    },
  });
}

/** Readbacks with their ages; that they are old is worth a warning only while somebody should be reading them. */
function rowsOf(instrument, values, isOver) {
  if (values) {
    const silent = Math.max(0, secondsSince(values.at));
    return Object.entries({ ...values.positions, ...values.signals }).map(([name, value]) => {
      // An axis that stands still says nothing: only a device from which nothing comes at all is old news.
      return { name, value, unit: instrument?.axes[name] ?? instrument?.signals[name] ?? "", age: (values.ages[name] ?? 0) + silent, isOld: !isOver && silent > OLD_S };
    });
  }
  const age = instrument?.positions_at ? secondsSince(instrument.positions_at) : null;
  return Object.entries(instrument?.positions ?? {}).map(([name, value]) => ({ name, value, unit: instrument.axes[name] ?? "", age, isOld: false }));
}

function aboutOf({ instrument, values }) {
  if (!instrument) return "";
  if (!values) return "Nothing can be seen from outside this instrument's own process; positions are as the campaign last recorded them.";
  return instrument.has_second_connection ? "Read over a connection of its own, which works while the engine hangs." : "";
}

