// Line icons on a 24 × 24 grid, drawn for these pages.

const PATHS = {
  moon: "M19 14.5A7.5 7.5 0 0 1 9.5 5a7.5 7.5 0 1 0 9.5 9.5z",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M18.7 5.3l-1.4 1.4M6.7 17.3l-1.4 1.4",
  menu: "M4 7h16M4 12h16M4 17h16",
  close: "M6 6l12 12M18 6L6 18",
  pause: "M8.5 5.5v13M15.5 5.5v13",
  play: "M8 5.2v13.6L19 12z",
  stop: "M6.5 6.5h11v11h-11z",
  abort: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM6 6l12 12",
  shield: "M12 3l7.5 3v5.5c0 4.6-3.1 8-7.5 9.5-4.4-1.5-7.5-4.9-7.5-9.5V6zM9 9h6v6H9z",
  check: "M5 12.5l4.5 4.5L19 7.5",
  ok: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM8 12.3l2.8 2.8L16 9.7",
  waiting: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM12 7.5V12l3 2",
  attention: "M12 4L21 19.5H3zM12 10v4.5M12 16.8v.2",
  bad: "M8.2 3.5h7.6l4.7 4.7v7.6l-4.7 4.7H8.2l-4.7-4.7V8.2zM9 9l6 6M15 9l-6 6",
  done: "M6 21V4M6 4.5h11.5l-2.3 4 2.3 4H6",
  edit: "M4.5 19.5l1-4.2L16 4.8l3.2 3.2L8.7 18.5zM13.8 7l3.2 3.2",
  note: "M5 4.5h14v11l-4 4H5zM15 19.5v-4h4M8.5 9h7M8.5 12.5h4",
  plus: "M12 5v14M5 12h14",
  person: "M12 4.5a3.7 3.7 0 1 0 0 7.4 3.7 3.7 0 0 0 0-7.4zM5 20c.6-4 3.4-6 7-6s6.4 2 7 6",
  star: "M12 3.8l2.5 5.3 5.8.7-4.3 4 1.2 5.7-5.2-2.9-5.2 2.9L8 13.8l-4.3-4 5.8-.7z",
  target: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 8.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7z",
  repeat: "M5 9.5A7.5 7.5 0 0 1 18.5 8M19 4v4.2h-4.2M19 14.5A7.5 7.5 0 0 1 5.5 16M5 20v-4.2h4.2",
  bolt: "M13 3L5 13.5h6L10 21l9-11h-6.500z",
  sliders: "M5 7h9M18 7h1M5 12h2M11 12h8M5 17h7M16 17h3M16 5v4M9 10v4M14 15v4",
  key: "M8 10.500a4 4 0 1 0 3.900 5H15v2.500h3v-2.500h2.500v-3h-8.600A4 4 0 0 0 8 10.500z",
  chevron: "M9 5.500l6.500 6.500L9 18.500",
  link: "M10 14l4-4M8.500 11.500l-2 2a3.500 3.500 0 0 0 5 5l2-2M15.500 12.500l2-2a3.500 3.500 0 0 0-5-5l-2 2",
};

const SVG = "http://www.w3.org/2000/svg";

/** An icon that says nothing to a screen reader: the word stands beside it. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  for (const [key, value] of Object.entries({ viewBox: "0 0 24 24", width: "1em", height: "1em", fill: "none", stroke: "currentColor", "stroke-width": 1.8, "stroke-linecap": "round", "stroke-linejoin": "round", "aria-hidden": "true" })) svg.setAttribute(key, value);
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name] ?? PATHS.note);
  svg.append(path);
  return svg;
}
