// Spectra and images of a trial.

import { campaignPath, get } from "../api.js";
import { el, fill, write } from "../dom.js";
import { createImage } from "../charts/image.js";
import { createCurve } from "../charts/spectrum.js";
import { problemBox } from "../shell.js";
import { picker } from "./parts.js";

/** A viewer of one trial's arrays, with a choice when it has several. */
export function arrayViewer(store, trial) {
  const names = Object.keys(trial.arrays);
  const view = arrayView(store);
  const choice = names.length > 1 ? picker("Signal", names.map((name) => [name, name]), (name) => view.show(trial.trial, name)) : null;
  view.show(trial.trial, names[0]);
  return el("div", { class: "stack tight" }, choice?.node, view.node);
}

/** One drawing that `show(trial, signal)` fills; a later call overtakes an earlier one. */
export function arrayView(store) {
  const curve = createCurve();
  const image = createImage();
  const host = el("div", {});
  const caption = el("p", { class: "small muted" });
  let wanted = "";
  async function show(trial, signal) {
    const asked = `${trial}/${signal}`;
    if (asked === wanted) return;
    wanted = asked;
    try {
      const array = await get(campaignPath(store.campaign, "trials", String(trial), "arrays", signal));
      if (wanted !== asked) return;
      if (array.shown.length === 2) { image.show(array); put(image.node); }
      else { curve.show({ values: array.values, unit: array.unit, name: signal, title: `${signal} of trial ${trial}`, xName: "channel", from: 0, to: array.shape[0] - 1 }); put(curve.node); }
      write(caption, `${signal} of trial ${trial}, ${array.shape.join(" × ")}`);
    } catch (problem) {
      if (wanted === asked) fill(host, problemBox(problem));
    }
  }
  const put = (node) => { if (host.firstChild !== node) fill(host, node); };
  return { node: el("div", {}, host, caption), show };
}
