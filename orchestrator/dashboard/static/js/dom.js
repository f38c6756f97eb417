// Building elements. Data only ever become text: nothing here parses HTML.

/**
 * Make an element: `el("p", {class: "note", onclick: f}, "text", child)`.
 * Attributes that are null or false are left out; true is written as an empty attribute. `on…` adds a listener, `data` fills dataset.
 */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) set(node, name, value);
  append(node, children);
  return node;
}

export function set(node, name, value) {
  if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
  else if (name === "data") Object.assign(node.dataset, value);
  else if (name === "value" || name === "checked") node[name] = value;
  else if (value === null || value === undefined || value === false) node.removeAttribute(name);
  else node.setAttribute(name, value === true ? "" : String(value));
}

function append(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false) node.append(child instanceof Node ? child : String(child));
  }
}

/** Give an element new children; returns it. */
export function fill(node, ...children) {
  node.replaceChildren();
  append(node, children);
  return node;
}

/** Write text only where it changed, so that screen readers are not told twice and selections stay. */
export function write(node, text) {
  const wanted = String(text ?? "");
  if (node.textContent !== wanted) node.textContent = wanted;
}

export const find = (selector, within = document) => within.querySelector(selector);

let _count = 0;
/** An id no other element has, for labels. */
export const unique = (prefix) => `${prefix}-${++_count}`;

/** Keep one element per key, in order, building and updating only what is needed. */
export function keyed(host, items, { key, build, update }) {
  const old = new Map([...host.children].map((node) => [node.dataset.key, node]));
  const wanted = items.map((item) => {
    const name = String(key(item));
    const node = old.get(name) ?? build(item);
    node.dataset.key = name;
    update?.(node, item);
    return node;
  });
  const isSame = wanted.length === host.children.length && wanted.every((node, index) => node === host.children[index]);
  if (!isSame) host.replaceChildren(...wanted);
}
