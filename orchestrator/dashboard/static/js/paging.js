// Filters that live in the address, so that a list can be bookmarked, shared and gone back to.

/** The page's own parameters: `parameter("status")`, empty when there is none. */
export const parameter = (name) => new URLSearchParams(location.search).get(name) ?? "";

/** All values of a repeated parameter. */
export const parameters = (name) => new URLSearchParams(location.search).getAll(name);

/** Write parameters into the address without loading the page; empty values are left out. */
export function remember(values) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) for (const each of [value].flat()) if (each) query.append(name, each);
  const written = query.toString();
  history.replaceState(null, "", location.pathname + (written ? `?${written}` : ""));
}

/** Call `action` once nothing was typed for a moment. */
export function afterTyping(action, milliseconds = 350) {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(action, milliseconds);
  };
}
