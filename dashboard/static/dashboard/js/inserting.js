// "/" at the head of a line offers macros and "[[" articles: chosen with the arrows, seen before they go in.
import { calmly, fragment } from "./fetching.js";

const BEGINS = { macros: /(?:^|\n)\/([^\n/]{0,40})$/, articles: /\[\[([^\n\]]{0,40})$/ };
const field = () => document.getElementById("reply-text");
const list = () => document.querySelector("[data-options]");
const options = () => [...list().querySelectorAll("[role=option]")];
let open = null; // what is offered, and from where on in the text

function typed() {
  const before = field().value.slice(0, field().selectionEnd);
  for (const [what, begins] of Object.entries(BEGINS)) {
    const found = before.match(begins);
    if (found) return { what, query: found[1], from: before.length - found[1].length - (what === "macros" ? 1 : 2) };
  }
  return null;
}

function close() {
  open = null;
  if (!list()) return;
  list().hidden = true;
  list().replaceChildren();
  for (const name of ["aria-controls", "aria-activedescendant", "aria-expanded", "aria-haspopup", "role"]) field().removeAttribute(name);
}

const offer = calmly(async () => {
  if (!open) return;
  const asked = open;
  const form = document.getElementById("reply-form");
  const place = document.querySelector(".to input:checked")?.value ?? "";
  const html = await fragment(`${form.dataset[asked.what]}?${new URLSearchParams({ q: asked.query, conversation: place })}`);
  if (open !== asked) return;
  list().innerHTML = html;
  list().hidden = false;
  const attributes = { role: "combobox", "aria-haspopup": "listbox", "aria-expanded": "true", "aria-controls": "options" };
  for (const [name, value] of Object.entries(attributes)) field().setAttribute(name, value);
  mark(0);
}, 150);

function mark(place) {
  const all = options();
  const at = all[(place + all.length) % all.length];
  if (!at) return;
  for (const each of all) each.setAttribute("aria-selected", String(each === at));
  field().setAttribute("aria-activedescendant", at.id);
  list().querySelector("[data-option-preview]").textContent = at.dataset.text;
  at.scrollIntoView({ block: "nearest" });
}

function take(option) {
  const { from } = open;
  field().focus();
  field().setRangeText(option.dataset.text, from, field().selectionEnd, "end");
  if (option.dataset.macroKey) {
    document.querySelector("[data-macro]").value = option.dataset.macroKey;
    document.querySelector("[data-does-text]").textContent = option.dataset.what;
    document.querySelector("[data-does]").hidden = !option.dataset.what;
  }
  close();
  field().dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("input", (event) => {
  if (event.target.id !== "reply-text" || event.isComposing) return;
  open = typed();
  if (open) offer();
  else close();
});

document.addEventListener("keydown", (event) => {
  if (event.target.id !== "reply-text" || !open || list().hidden || event.isComposing) return;
  const all = options();
  const at = all.findIndex((each) => each.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown") mark(at + 1);
  else if (event.key === "ArrowUp") mark(at - 1);
  else if ((event.key === "Enter" || event.key === "Tab") && all[at] && !event.ctrlKey && !event.metaKey) take(all[at]);
  else if (event.key === "Escape") close();
  else return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);

document.addEventListener("click", ({ target }) => {
  const option = target.closest("[data-options] [role=option]");
  const button = target.closest("[data-open-options]");
  if (option) return take(option);
  if (button) {
    const at = field().selectionEnd;
    open = { what: button.dataset.openOptions, query: "", from: at };
    field().focus();
    return offer();
  }
  if (target.closest("[data-undo-macro]")) {
    document.querySelector("[data-macro]").value = "";
    document.querySelector("[data-does]").hidden = true;
    field().focus();
  } else if (open && !target.closest("[data-options]")) close();
});
