// The palette: what the server offers for a text, and whatever a key on this page can do.
import { isComposing } from "./composing.js";
import { fragment } from "./fetching.js";
import { carriers, nameOf, press, signs } from "./pressing.js";

const PAUSE = 60;
const MOST = 8;
const dialog = document.getElementById("palette");
const field = document.getElementById("palette-q");
const list = document.getElementById("palette-list");
let asked = 0;
let timer = null;
let waiting = false; // Enter was pressed before the answer to what is typed had come
let isAnswered = true;

const options = () => [...list.querySelectorAll("[role=option]")];
const chosen = () => list.querySelector("[aria-selected=true]");
const fold = (text) => text.normalize("NFKC").toLowerCase();
const identity = (option) => option.getAttribute("href") ?? option.textContent;

function choose(option) {
  for (const each of options()) each.setAttribute("aria-selected", String(each === option));
  if (option) {
    field.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  } else field.removeAttribute("aria-activedescendant");
}

function pageCommands() {
  const words = fold(field.value).split(/\s+/).filter(Boolean);
  const fits = ({ label }) => label && words.every((word) => fold(label).includes(word));
  const isOurs = (element) => element.dataset.key !== "Escape" && element.dataset.opens !== "palette";
  const here = carriers().filter(isOurs).map((element) => ({ label: nameOf(element), element, keys: signs(element) }));
  const known = new Set(here.map(({ element }) => element.getAttribute("href")));
  const go = [...document.querySelectorAll(".rail a[href]")]
    .filter((element) => !known.has(element.getAttribute("href")))
    .map((element) => ({ label: element.title || nameOf(element), element, keys: [] }));
  return [[list.dataset.here, here], [list.dataset.go, go]]
    .map(([title, all]) => [title, all.filter(fits).slice(0, MOST)])
    .filter(([, all]) => all.length);
}

function option({ label, element, keys }) {
  const made = document.createElement("button");
  made.className = "pal-i";
  made.setAttribute("role", "option");
  made.tabIndex = -1;
  const text = document.createElement("span");
  text.textContent = label;
  text.className = "trunc";
  made.append(text);
  const shown = document.createElement("span");
  shown.className = "r";
  shown.append(...keys.map((key) => Object.assign(document.createElement("kbd"), { className: "kbd", textContent: key })));
  if (keys.length) made.append(shown);
  made.addEventListener("click", () => press(element));
  return made;
}

function addPage() {
  const place = list.querySelector("[data-palette-page]");
  if (!place) return;
  place.replaceChildren(...pageCommands().map(([title, all]) => {
    const group = document.createElement("div");
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", title);
    const head = Object.assign(document.createElement("h3"), { textContent: title });
    head.setAttribute("role", "presentation");
    group.append(head, ...all.map(option));
    return group;
  }));
}

function show(html) {
  const before = chosen() && identity(chosen());
  const hand = chosen() !== options()[0];
  if (html !== null) list.innerHTML = html;
  addPage();
  list.querySelector("[data-palette-page]")?.setAttribute("role", "presentation");
  options().forEach((each, index) => (each.id = `palette-${index}`));
  choose((hand && options().find((each) => identity(each) === before)) || options()[0]);
}

async function ask() {
  const mine = ++asked;
  const open = document.getElementById("panes")?.dataset.case ?? "";
  const view = document.querySelector("[data-list]")?.dataset.view ?? "";
  const html = await fragment(`${dialog.dataset.palette}?${new URLSearchParams({ q: field.value, case: open, view })}`).catch(() => "");
  if (mine !== asked) return; // something newer has been asked
  show(html);
  isAnswered = true;
  prepare();
  if (waiting) run();
}

// What changes the open case does it as the forms of its page do.
function prepare() {
  const forms = list.querySelector("[data-palette-forms]");
  const panes = document.getElementById("panes");
  if (!forms) return;
  for (const name of ["hx-swap", "hx-select-oob"]) forms.setAttribute(name, panes.getAttribute(name));
  forms.setAttribute("hx-ext", "morph");
  window.htmx.process(forms);
}

function run() {
  waiting = false;
  const option = chosen();
  if (!option) return;
  dialog.close();
  option.click();
}

export function open() {
  field.value = "";
  waiting = false;
  dialog.showModal();
  show("<div data-palette-page></div>");
  ask();
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-palette-open]");
  if (!opener || !dialog) return;
  event.preventDefault();
  open();
});

field?.addEventListener("input", (event) => {
  if (event.isComposing) return;
  asked += 1; // whatever is on its way answers another text
  isAnswered = false;
  show(null);
  clearTimeout(timer);
  timer = setTimeout(ask, PAUSE);
});
field?.addEventListener("compositionend", () => field.dispatchEvent(new Event("input")));

field?.addEventListener("keydown", (event) => {
  if (isComposing(event)) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    event.preventDefault();
    const all = options();
    choose(all[(all.indexOf(chosen()) + step + all.length) % all.length]);
  } else if (event.key === "Enter") {
    event.preventDefault();
    if (isAnswered) run();
    else waiting = true;
  } else if (event.key.toLowerCase() === "k" && (event.metaKey || event.ctrlKey)) {
    event.preventDefault();
    dialog.close();
  }
});

list?.addEventListener("click", () => dialog.close());
