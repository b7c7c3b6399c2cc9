// Choosing cases: what is chosen stays so while rows change, come and go. X and the pointer choose
// one, with Shift all from the last to this one.
import { isComposing } from "./composing.js";

const form = document.getElementById("bulk");
const rows = document.getElementById("rows");
const strip = document.querySelector("[data-selall]");
const chosen = new Set();
let last = null;
let withShift = false;
let stripHeight = strip?.offsetHeight ?? 0;

const singleKeysOff = () => document.querySelector("[data-desk]").dataset.singleKeys === "off";
const boxes = () => [...rows.querySelectorAll(".tk-x input")];
const everything = () => form.elements.all.checked;

function choose(box, on) {
  box.checked = on;
  if (on) chosen.add(box.value);
  else chosen.delete(box.value);
}

function upTo(box, on) {
  const all = boxes();
  const [from, to] = [all.indexOf(last ?? box), all.indexOf(box)].sort((a, b) => a - b);
  for (const each of all.slice(Math.max(from, 0), to + 1)) choose(each, on);
}

function show() {
  const shown = everything() ? form.elements.all.dataset.chooseAll : chosen.size;
  for (const place of document.querySelectorAll("[data-chosen]")) place.textContent = shown;
  const any = chosen.size > 0 || everything();
  form.classList.toggle("is-on", any);
  strip.classList.toggle("is-on", any);
  // The strip comes and goes above the rows; these stay where they are.
  rows.scrollTop += strip.offsetHeight - stripHeight;
  stripHeight = strip.offsetHeight;
  const letGo = form.querySelector("[data-let-go]");
  if (any) letGo.dataset.key = "Escape";
  else delete letGo.dataset.key;
}

function letGo() {
  for (const box of boxes()) box.checked = false;
  form.elements.all.checked = false;
  chosen.clear();
  last = null;
  show();
}

// The box of the case on which the hand is: the focused row, or else the open case's.
function here() {
  const row = document.activeElement?.closest(".tk") ?? rows.querySelector(".tk[aria-current]");
  const box = document.activeElement?.closest(".tk-x")?.firstElementChild;
  return box ?? boxes().find(({ value }) => value === row?.dataset.number);
}

function pressed(event) {
  const { key, target } = event;
  withShift = false;
  if (isComposing(event) || document.querySelector("dialog[open]")) return;
  if (target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]")) return;
  const name = key.toLowerCase();
  if (name === "a" && (event.metaKey || event.ctrlKey) && target.closest("[data-list]")) {
    for (const box of boxes()) choose(box, true);
  } else if (name === "x" && !singleKeysOff() && !event.metaKey && !event.ctrlKey && !event.altKey) {
    const box = here();
    if (!box) return;
    if (event.shiftKey) upTo(box, true);
    else choose(box, !box.checked);
    last = box;
  } else return;
  event.preventDefault();
  show();
}

if (form && rows) {
  strip.querySelector("[data-choose-page]").hidden = false;
  document.addEventListener("keydown", pressed);
  rows.addEventListener("pointerdown", (event) => (withShift = event.shiftKey));
  document.addEventListener("change", ({ target }) => {
    if (target.name === "all" && target.form === form) show();
    if (!target.closest(".tk-x")) return;
    if (withShift) upTo(target, target.checked);
    choose(target, target.checked);
    last = target;
    show();
    target.closest(".tk-x").nextElementSibling.focus({ preventScroll: true }); // keys go on from here
  });
  document.addEventListener("click", ({ target }) => {
    if (!target.closest("[data-choose-page]")) return;
    for (const box of boxes()) choose(box, true);
    show();
  });
  form.addEventListener("reset", (event) => {
    event.preventDefault();
    letGo();
  });
  // One field for all, also for those whose rows are not on the page any more.
  form.addEventListener("formdata", ({ formData }) => {
    formData.delete("number");
    formData.set("numbers", [...chosen].join());
  });
  form.addEventListener("keydown", (event) => {
    const does = event.target.dataset.enters;
    if (event.key !== "Enter" || isComposing(event) || !does) return;
    event.preventDefault();
    form.querySelector(`[name=do][value="${does}"]`).click();
  });
  new MutationObserver(() => {
    for (const box of boxes()) box.checked = chosen.has(box.value);
  }).observe(rows, { childList: true });
  form.addEventListener("submit", () => {
    for (const menu of form.querySelectorAll("details[open]")) menu.open = false;
  });
  document.addEventListener("htmx:afterSettle", ({ target }) => {
    if (target.id === "panes" && target.querySelector("[data-run]")) letGo();
  });
  for (const box of boxes()) if (box.checked) chosen.add(box.value);
  show();
}
