// How points of the space are marked: by shape first, then by colour.

/** A measured point: a dot with an edge, so that it shows on any colour. */
export function dot(context, x, y, { fill, inks, size = 4 }) {
  context.beginPath();
  context.arc(x, y, size, 0, 7);
  context.fillStyle = fill;
  context.fill();
  context.lineWidth = 1.25;
  context.strokeStyle = inks.surface;
  context.stroke();
}

/** The best so far: a double ring. */
export function ring(context, x, y, { inks }) {
  for (const [width, colour] of [[5, inks.surface], [2.5, inks.best]]) {
    context.beginPath();
    context.arc(x, y, 9, 0, 7);
    context.lineWidth = width;
    context.strokeStyle = colour;
    context.stroke();
  }
}

/** The next point: a cross in a diamond. */
export function diamond(context, x, y, { inks }) {
  const size = 9;
  for (const [width, colour] of [[5, inks.surface], [2.25, inks.ink]]) {
    context.beginPath();
    context.moveTo(x, y - size);
    context.lineTo(x + size, y);
    context.lineTo(x, y + size);
    context.lineTo(x - size, y);
    context.closePath();
    context.moveTo(x - 3, y);
    context.lineTo(x + 3, y);
    context.moveTo(x, y - 3);
    context.lineTo(x, y + 3);
    context.lineWidth = width;
    context.strokeStyle = colour;
    context.stroke();
  }
}
