// Which campaigns stand side by side.

import { get } from "../api.js";
import { el, fill } from "../dom.js";
import { icon } from "../icons.js";

/** A field to add campaigns by id, with those of the ledger to choose from, and a chip to remove each. */
export function choosing(chosen, { add, remove }) {
  const options = el("datalist", { id: "known-campaigns" });
  get("/campaigns", { limit: 100 }).then(({ campaigns }) => fill(options, campaigns.map(({ campaign, status }) => el("option", { value: campaign }, status))), () => {});
  const field = el("input", { id: "add", list: "known-campaigns", autocomplete: "off", spellcheck: "false", placeholder: "a campaign's id" });
  return el("div", { class: "stack tight" },
    el("form", { class: "row filters", onsubmit: (event) => { event.preventDefault(); if (field.value.trim()) add(field.value.trim()); } },
      el("div", { class: "field add-campaign" }, el("label", { for: "add" }, "Add a campaign"), field),
      el("button", { type: "submit", class: "button" }, icon("plus"), "Add"), options),
    el("ul", { class: "row" }, chosen.map((campaign) => el("li", {}, el("button", { type: "button", class: "chip outline removable", "aria-label": `Remove ${campaign}`, onclick: () => remove(campaign) }, campaign, icon("close"))))));
}
