// Talking to the API: one place for session, CSRF, idempotency and problem details.

const BASE = "/api/v1";
const SIGN_IN = "/sign-in";
const TRIES = 3;

let csrf = "";

/** What the API refused, and why, in words for people. */
export class ApiProblem extends Error {
  constructor(status, problem = {}) {
    super(problem.detail || problem.title || `the server answered ${status}`);
    this.name = "ApiProblem";
    this.status = status;
    this.title = problem.title ?? "";
    this.problem = problem;
  }
}

/** The server could not be reached. */
export class Unreachable extends Error {
  constructor() {
    super("the server cannot be reached; check the network, or whether nightshift serve still runs");
    this.name = "Unreachable";
  }
}

/** Read something; null parameters are left out: `get("/campaigns", {status: "running"})`. */
export async function get(path, parameters = {}, { signal } = {}) {
  const response = await reach(address(path, parameters), { headers: { Accept: "application/json" }, signal });
  return answer(response);
}

/** Read text, such as a campaign's spec. */
export async function getText(path, parameters = {}) {
  const response = await reach(address(path, parameters), {});
  if (!response.ok) await answer(response);
  return response.text();
}

/** Order something. Sent again after a lost connection under the same key, so that it happens once. */
export async function send(method, path, body = {}) {
  const headers = { "Content-Type": "application/json", Accept: "application/json", "Idempotency-Key": freshKey(), "X-CSRF-Token": csrf };
  const request = { method, headers, body: method === "DELETE" ? undefined : JSON.stringify(body) };
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await answer(await reach(address(path), request));
    } catch (problem) {
      if (!(problem instanceof Unreachable) || attempt === TRIES) throw problem;
      await new Promise((resolve) => setTimeout(resolve, 400 * attempt));
    }
  }
}

export const post = (path, body) => send("POST", path, body);

/** Who is asking; remembers the CSRF token. Leads to the sign-in page when nobody is. */
export async function readSession({ redirect = true } = {}) {
  const response = await reach(address("/session"), { headers: { Accept: "application/json" } });
  const session = await answer(response, redirect);
  csrf = session.csrf;
  return session;
}

/** Log in with a key. */
export async function logIn(key) {
  const session = await send("POST", "/session", { key });
  csrf = session.csrf ?? csrf;
  return session;
}

export async function logOut() {
  await send("DELETE", "/session");
  location.assign(SIGN_IN);
}

/** A path below a campaign: `campaignPath(id, "trials", 3)`. */
export const campaignPath = (campaign, ...parts) => ["/campaigns", campaign, ...parts].map((part, index) => (index ? encodeURIComponent(part) : part)).join("/");

/** The full address, for an EventSource or a link. */
export function address(path, parameters = {}) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    for (const each of Array.isArray(value) ? value : [value]) if (each !== null && each !== undefined && each !== "") query.append(name, each);
  }
  const written = query.toString();
  return BASE + path + (written ? `?${written}` : "");
}

/** Go to the sign-in page and come back here afterwards. */
export function signIn() {
  if (location.pathname !== SIGN_IN) location.assign(`${SIGN_IN}?next=${encodeURIComponent(location.pathname + location.search)}`);
}

async function reach(url, request) {
  try {
    return await fetch(url, { credentials: "same-origin", cache: "no-cache", ...request });
  } catch (problem) {
    if (problem.name === "AbortError") throw problem;
    throw new Unreachable();
  }
}

async function answer(response, redirect = true) {
  if (response.status === 204) return null;
  const isJson = (response.headers.get("content-type") ?? "").includes("json");
  const body = isJson ? await response.json() : null;
  if (response.ok) return body;
  if (response.status === 401 && redirect) signIn();
  throw new ApiProblem(response.status, body ?? {});
}

function freshKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
