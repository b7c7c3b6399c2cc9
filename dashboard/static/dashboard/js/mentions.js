// Completing @names in a note: a list under the field, by arrows, Enter, Tab or the mouse.
import { fragment } from "./fetching.js";

const BEGUN = /(^|[^a-z0-9])@([^\s@]{0,30})$/i;
const MOST = 8;
let people = { of: "", options: [] };
let list = null;

const isNote = (element) => element.id === "note-text";
const begun = (field) => field.value.slice(0, field.selectionStart).match(BEGUN);

async function optionsFor(field) {
  const url = field.form.getAttribute("action").replace(/\/notes\/.*/, "/mentionable/");
  if (people.of !== url) {
    const fresh = document.createElement("template");
    fresh.innerHTML = await fragment(url);
    people = { of: url, options: [...fresh.content.querySelectorAll("[role=option]")] };
  }
  return people.options;
}

function close(field) {
  list?.remove();
  list = null;
  field?.removeAttribute("aria-activedescendant");
  field?.removeAttribute("aria-controls");
}

function choose(field, option) {
  for (const each of list.children) each.setAttribute("aria-selected", each === option);
  field.setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

async function offer(field) {
  const options = await optionsFor(field);
  const typed = begun(field)?.[2].toLowerCase();
  close(field);
  const fitting = options.filter((each) => typed !== undefined && each.dataset.name.toLowerCase().includes(typed));
  if (!fitting.length) return;
  list = document.createElement("ul");
  list.className = "mention-l";
  list.id = "mention-list";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", field.getAttribute("aria-label"));
  list.append(...fitting.slice(0, MOST).map((each) => each.cloneNode(true)));
  field.before(list);
  field.setAttribute("aria-controls", list.id);
  field.setAttribute("aria-autocomplete", "list");
  choose(field, list.firstElementChild);
}

function insert(field, option) {
  const typed = begun(field);
  if (!typed) return;
  const start = field.selectionStart - typed[2].length;
  field.setRangeText(`${option.dataset.name} `, start, field.selectionStart, "end");
  close(field);
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
}

document.addEventListener("input", ({ target }) => {
  if (!isNote(target)) return;
  if (begun(target)) offer(target);
  else close(target);
});

// Before keys.js hears of it: Escape closes this list and not the field.
document.addEventListener("keydown", (event) => {
  const { target, key } = event;
  if (!list || !isNote(target) || event.isComposing) return;
  const chosen = list.querySelector("[aria-selected=true]");
  if (key === "ArrowDown") choose(target, chosen.nextElementSibling ?? list.firstElementChild);
  else if (key === "ArrowUp") choose(target, chosen.previousElementSibling ?? list.lastElementChild);
  else if (key === "Enter" && !event.metaKey && !event.ctrlKey) insert(target, chosen);
  else if (key === "Tab") insert(target, chosen);
  else if (key === "Escape") close(target);
  else return;
  event.preventDefault();
  event.stopPropagation();
}, true);

document.addEventListener("mousedown", (event) => {
  const option = event.target.closest?.(".mention-l [role=option]");
  if (!option) return;
  event.preventDefault();
  insert(document.getElementById("note-text"), option);
});
document.addEventListener("focusout", ({ target }) => isNote(target) && close(target));
