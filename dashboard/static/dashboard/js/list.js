// The list: rows change where they stand; what is new waits above until it is asked for.
import { calmly, fragment, renew } from "./fetching.js";

const MOST_NAMED = 200;
const list = document.querySelector("[data-list]");
const rows = document.getElementById("rows");
const changed = new Set();
const rowOf = (number) => document.getElementById(`row-${number}`);

// The address of the list, which may have a filter, with what is asked of it.
function asking(query) {
  const url = new URL(list.dataset.url, location.href);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url.pathname + url.search;
}

// All in one request: after a burst of changes, one row after the other would take seconds.
async function updateRows() {
  const numbers = [...changed].slice(0, MOST_NAMED);
  for (const number of numbers) changed.delete(number);
  if (!numbers.length) return;
  const fresh = document.createElement("template");
  try {
    fresh.innerHTML = await fragment(asking({ only: numbers.join(",") }));
  } catch (error) {
    for (const number of numbers) changed.add(number);
    throw error;
  }
  for (const number of numbers) renewRow(rowOf(number), fresh.content.getElementById(`row-${number}`));
  markCurrent();
  if (changed.size) updateSoon();
}

function renewRow(row, newer) {
  row?.classList.toggle("is-gone", !newer);
  if (row && newer) renew(row, newer.outerHTML);
}

async function showNews() {
  const all = [...rows.querySelectorAll(".tk")].map((row) => row.dataset.number);
  const shown = all.slice(0, MOST_NAMED).join(",");
  // Up to where the list is shown: in some orders what is new does not stand above all.
  const until = all.length > MOST_NAMED ? {} : { until: rows.querySelector(".more")?.dataset.after ?? "end" };
  const html = await fragment(asking({ above: list.dataset.top, shown, ...until }));
  renew(document.getElementById("list-new"), html);
  if (!rows.querySelector(".tk") && document.querySelector("[data-load-new]")) await loadNew();
}

async function loadNew() {
  rows.innerHTML = await fragment(list.dataset.url);
  window.htmx.process(rows);
  list.dataset.top = rows.querySelector("[data-top]")?.dataset.top ?? "";
  document.getElementById("list-new").replaceChildren();
  markCurrent();
  rows.querySelector(".tk")?.focus();
}

export function markCurrent() {
  const open = document.getElementById("panes")?.dataset.case;
  for (const row of document.querySelectorAll(".tk")) {
    if (row.dataset.number === open) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  }
}

const updateSoon = calmly(updateRows, 100);
const newsSoon = calmly(showNews, 150);
const railSoon = calmly(async () => {
  const view = encodeURIComponent(list?.dataset.view ?? "");
  renew(document.getElementById("rail-lists"), await fragment(`/rail/?view=${view}`));
}, 1000, 300); // the cases themselves come first

document.addEventListener("live:ticket", ({ detail }) => {
  railSoon();
  if (!list) return;
  const row = rowOf(detail.ticket);
  if (!row) newsSoon();
  else if (Number(row.dataset.version) < detail.version) {
    changed.add(detail.ticket);
    updateSoon();
  }
});

document.addEventListener("live:again", () => {
  railSoon();
  if (!list) return;
  for (const row of rows.querySelectorAll(".tk")) changed.add(row.dataset.number);
  updateSoon();
  newsSoon();
});

document.addEventListener("click", (event) => {
  if (!list || !event.target.closest("[data-load-new]")) return;
  event.preventDefault();
  loadNew();
});
