// Numbers with units, ages and times, the same on every page.

import { el } from "./dom.js";

const MINUS = "−";
let clockOffset = 0;

/** Remember the server's clock: ages must be right on a phone whose own is wrong. */
export function serverSays(now) { clockOffset = new Date(now).getTime() - Date.now(); }

/** The server's time now, in milliseconds. */
export const serverNow = () => Date.now() + clockOffset;

/** A number to so many significant digits: `0.0123`, `1.23 × 10⁻⁹`, `12 300`. */
export function number(value, digits = 4) {
  if (value === null || value === undefined) return "–";
  if (typeof value !== "number") return String(value);
  if (!Number.isFinite(value)) return "–";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e7 || size < 1e-4) return power(value, Math.min(digits, 3));
  if (Number.isInteger(value) && size < 1e7) return grouped(String(value));
  return grouped(trimmed(value.toPrecision(Math.max(digits, Math.ceil(Math.log10(size + 1))))));
}

/** A value with its unit: `12.3 nA`. */
export const quantity = (value, unit = "", digits = 4) => [number(value, digits), unit].filter(Boolean).join(" ");

/** A value with its standard deviation, to the digits that mean something: `12.34 ± 0.05 nA`. */
export function measured(value, sd, unit = "") {
  if (value === null || value === undefined) return "–";
  if (sd === null || sd === undefined || sd === 0 || !Number.isFinite(sd)) return quantity(value, unit);
  const size = Math.max(Math.abs(value), sd);
  if (size >= 1e7 || size < 1e-4) return `${power(value, 3)} ± ${power(sd, 2)} ${unit}`.trim();
  const decimals = Math.min(8, 1 - Math.floor(Math.log10(sd)));
  return `${fixed(value, decimals)} ± ${fixed(sd, decimals)} ${unit}`.trim();
}

/** A value to so many decimals; of negative ones, to tens, hundreds and so on: `670 000`. */
function fixed(value, decimals) {
  const rounded = decimals < 0 ? Math.round(value * 10 ** decimals) * 10 ** -decimals : value;
  return grouped(rounded.toFixed(Math.max(0, decimals)).replace("-", MINUS));
}

/** A point in one line: `mirror_pitch 3.04 mrad · slit 2 mm`. */
export const pointText = (point, units = {}) => Object.entries(point).map(([name, value]) => `${name} ${quantity(value, units[name])}`).join(" · ");

/** Seconds for people: `23 ms`, `0.4 s`, `45 s`, `12 min`, `3 h 20 min`, `2 d 4 h`. */
export function duration(seconds) {
  if (seconds === null || seconds === undefined) return "–";
  if (seconds < 0) return MINUS + duration(-seconds);
  if (seconds > 0 && seconds < 0.0995) return `${Number((seconds * 1000).toPrecision(2))} ms`;
  if (seconds < 9.95) return `${Number(seconds.toFixed(1))} s`;
  if (seconds < 99.5) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const [large, small, ...names] = minutes < 2880 ? [Math.floor(minutes / 60), minutes % 60, "h", "min"] : [Math.floor(minutes / 1440), Math.round((minutes % 1440) / 60), "d", "h"];
  return small ? `${large} ${names[0]} ${small} ${names[1]}` : `${large} ${names[0]}`;
}

/** Seconds since a moment, by the server's clock. */
export const secondsSince = (moment) => (serverNow() - new Date(moment).getTime()) / 1000;

/** `just now`, `12 s ago`, `in 3 h`. */
export function ago(moment) {
  const seconds = secondsSince(moment);
  if (seconds < -1) return `in ${duration(-seconds)}`;
  return seconds < 1.5 ? "just now" : `${duration(seconds < 10 ? Math.round(seconds) : seconds)} ago`;
}

/** Local time, with the day when it is another one. */
export function clock(moment, { seconds = false } = {}) {
  const date = new Date(moment);
  const time = date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: seconds ? "2-digit" : undefined, hour12: false });
  const isToday = date.toDateString() === new Date(serverNow()).toDateString();
  return isToday ? time : `${date.toLocaleDateString([], { day: "numeric", month: "short" })}, ${time}`;
}

export const utc = (moment) => `${new Date(moment).toISOString().slice(0, 19).replace("T", " ")} UTC`;

/** A `<time>` that shows local time and, on hover, UTC. */
export const timeElement = (moment, options) => el("time", { datetime: moment, title: utc(moment) }, clock(moment, options));

/** A `<time>` whose age is kept up to date. */
export function ageElement(moment, prefix = "") {
  return el("time", { datetime: moment, title: `${clock(moment, { seconds: true })} · ${utc(moment)}`, data: { age: moment, prefix } }, prefix + ago(moment));
}

setInterval(() => {
  for (const node of document.querySelectorAll("time[data-age]")) {
    const text = node.dataset.prefix + ago(node.dataset.age);
    if (node.textContent !== text) node.textContent = text;
  }
}, 1000);

/** `is` a value better `than` another one, by the goal. */
export const isBetter = (goal, value, than) => (goal === "minimise" ? value < than : value > than);

/** `1 trial`, `2 trials`. */
export const plural = (count, one, many = `${one}s`) => `${grouped(String(count))} ${count === 1 ? one : many}`;

function trimmed(written) { return written.includes(".") && !written.includes("e") ? written.replace(/\.?0+$/, "") : written; }

function grouped(written) {
  const [whole, part] = written.replace("-", MINUS).split(".");
  const spaced = whole.replace(/\B(?=(\d{3})+(?!\d))/g, whole.replace(MINUS, "").length > 4 ? "\u202f" : "");
  return part === undefined ? spaced : `${spaced}.${part}`;
}

function power(value, digits) {
  const [mantissa, exponent] = value.toExponential(digits - 1).split("e");
  const raised = [...String(Number(exponent))].map((sign) => (sign === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(sign)])).join("");
  return `${trimmed(mantissa).replace("-", MINUS)} × 10${raised}`;
}
