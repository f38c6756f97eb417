// Colours for drawings: the theme's inks, and two maps that stay readable without colour vision and in grey.

const VALUE = ["#440154", "#472d7b", "#3b528b", "#2c728e", "#21918c", "#28ae80", "#5ec962", "#addc30", "#fde725"];
const DOUBT = ["#00224e", "#2a3f6d", "#575d6d", "#7d7c78", "#a59c74", "#d2c060", "#fee838"];
const STEPS = 256;

/** Lookup tables of 256 × RGB; lightness rises from the lowest value to the highest. */
export const valueMap = table(VALUE);
export const doubtMap = table(DOUBT);

/** The colour of a share between 0 and 1, as CSS writes it. */
export function colourOf(map, share) {
  const place = 3 * Math.round(Math.min(1, Math.max(0, share)) * (STEPS - 1));
  return `rgb(${map[place]} ${map[place + 1]} ${map[place + 2]})`;
}

let known = null;
document.addEventListener("themechange", () => { known = null; });

/** The theme's colours and type as a canvas needs them. */
export function inks() {
  if (known) return known;
  const style = getComputedStyle(document.documentElement);
  const read = (name) => style.getPropertyValue(`--${name}`).trim();
  const names = ["ink", "ink-2", "ink-3", "surface", "sunken", "line", "line-strong", "grid", "mark", "mark-2", "best", "next", "accent", "bad", "attention"];
  known = { ...Object.fromEntries(names.map((name) => [name, read(name)])), font: read("text") };
  return known;
}

function table(anchors) {
  const stops = anchors.map((hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)));
  const colours = new Uint8ClampedArray(3 * STEPS);
  for (let step = 0; step < STEPS; step += 1) {
    const place = (step / (STEPS - 1)) * (stops.length - 1);
    const left = Math.min(Math.floor(place), stops.length - 2);
    for (let part = 0; part < 3; part += 1) colours[3 * step + part] = stops[left][part] + (place - left) * (stops[left + 1][part] - stops[left][part]);
  }
  return colours;
}
