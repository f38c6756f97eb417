// One campaign of the fleet, readable from across the room.

import { trialOf } from "../campaign/samples.js";
import { sparkline } from "../charts/sparkline.js";
import { el, fill } from "../dom.js";
import { ageElement, ago, clock, measured, plural } from "../format.js";
import { icon } from "../icons.js";
import { capital } from "../shell.js";

/** An empty card; `updateCard` fills it. */
export const buildCard = () => el("li", { class: "card level fleet-card" });

/** Show a campaign as it stands, unless nothing changed: a redrawn link would lose the keyboard's focus. */
export function updateCard(node, campaign) {
  const seen = JSON.stringify(campaign);
  if (node.dataset.seen === seen) return;
  node.dataset.seen = seen;
  node.className = `card level fleet-card ${campaign.standing.level}`;
  const hadFocus = node.contains(document.activeElement);
  fill(node, verdict(campaign), campaign.night ? samples(campaign.night) : result(campaign), progress(campaign));
  if (hadFocus) node.querySelector("a").focus();
}

function verdict({ campaign, name, instrument, standing, waiting }) {
  return el("div", { class: "fleet-verdict" },
    el("p", { class: "fleet-word" }, icon(standing.level), capital(standing.word),
      standing.since ? el("span", { class: "fleet-since" }, "since ", clock(standing.since), " · ", ageElement(standing.since)) : null),
    el("h2", {}, el("a", { class: "fleet-link", href: `/campaigns/${encodeURIComponent(campaign)}` }, name)),
    el("p", { class: "fleet-id" }, campaign, instrument ? ` · ${instrument}` : ""),
    el("p", {}, capital(standing.sentence)),
    standing.next ? el("p", { class: "soft note" }, icon("chevron"), capital(standing.next)) : null,
    waiting ? el("a", { class: "button fleet-above", href: `/approvals#${encodeURIComponent(campaign)}` }, icon("person"), "Decide") : null);
}

function result({ best, objective, unit, best_so_far: curve }) {
  return el("div", { class: "fleet-result" },
    el("div", {},
      el("p", { class: "label" }, objective ? `Best ${objective}` : "Best so far"),
      el("p", { class: "fleet-best" }, best ? measured(best.value, best.sd, unit) : "nothing scored yet"),
      best ? el("p", { class: "label" }, `trial ${best.trial}`) : null),
    curve.length > 1 ? sparkline(curve, unit) : null);
}

/** Of a campaign over samples: how many are through, and the one in the beam. */
function samples({ n_samples: n, n_through: through, n_skipped: skipped, part }) {
  return el("div", { class: "fleet-result" },
    el("div", {},
      el("p", { class: "label" }, "Samples through"),
      el("p", { class: "fleet-best" }, `${through} of ${n}`),
      el("p", { class: "label" }, [skipped ? `${skipped} skipped` : "", part ? `${part.sample} in ${part.stage}: ${trialOf(part)}` : ""].filter(Boolean).join(" · "))),
    part && part.best_so_far.length > 1 ? sparkline(part.best_so_far, part.unit) : null);
}

function progress({ n_trials: n, trials_limit: limit, estimated_end: end, updated_at: updated, standing, night }) {
  const isOver = standing.level === "done";
  const [done, all, what] = night ? [night.n_ended, night.n_parts, "part"] : [n, limit, "trial"];
  return el("div", { class: "fleet-progress" },
    all ? el("progress", { max: all, value: Math.min(done, all), "aria-label": `${done} of ${plural(all, what)}` }) : null,
    el("p", { class: "label row" },
      el("span", {}, all ? `${done} of ${plural(all, what)}` : plural(done, what)),
      el("span", { class: "end" }, end && !isOver ? `ends about ${clock(end)} (${ago(end)})` : updated ? ["last news ", ageElement(updated)] : "")));
}
