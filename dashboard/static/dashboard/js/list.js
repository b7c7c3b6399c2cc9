// The list: rows change where they stand; what is new waits above until it is asked for.
import { calmly, fragment, renew } from "./fetching.js";

const MOST_SHOWN = 200;
const list = document.querySelector("[data-list]");
const rows = document.getElementById("rows");
const changed = new Set();
const rowOf = (number) => document.getElementById(`row-${number}`);

async function updateRows() {
  for (const number of [...changed]) {
    changed.delete(number);
    const row = rowOf(number);
    if (!row) continue;
    const here = row.getAttribute("href").split("?")[0];
    const html = await fragment(`${here}row/?view=${encodeURIComponent(list.dataset.view)}`);
    row.classList.toggle("is-gone", !html);
    if (!html) continue;
    renew(row, html);
    markCurrent();
  }
}

async function showNews() {
  const shown = [...rows.querySelectorAll(".tk")].slice(0, MOST_SHOWN).map((row) => row.dataset.number);
  const html = await fragment(`${list.dataset.url}?above=${list.dataset.top}&shown=${shown.join(",")}`);
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

async function compareAll() {
  const fresh = document.createElement("div");
  fresh.innerHTML = await fragment(list.dataset.url);
  for (const row of fresh.querySelectorAll(".tk")) {
    const shown = rowOf(row.dataset.number);
    if (shown && shown.dataset.version !== row.dataset.version) changed.add(row.dataset.number);
  }
  await updateRows();
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
const compareSoon = calmly(compareAll, 100);
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
  compareSoon();
  newsSoon();
});

document.addEventListener("click", (event) => {
  if (!list || !event.target.closest("[data-load-new]")) return;
  event.preventDefault();
  loadNew();
});
