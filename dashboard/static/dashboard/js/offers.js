// While a filter is written, what would go on from it is offered below: arrows choose, Enter takes.
import { isComposing } from "./composing.js";
import { calmly, fragment } from "./fetching.js";

const field = document.querySelector("[data-offers]");
const box = document.getElementById("filter-offers");
let asked = "";

async function offer() {
  asked = field.value;
  const view = new URLSearchParams({ more: asked });
  box.innerHTML = await fragment(`${field.dataset.offers}?${view}`);
  show(box.children.length > 0 && document.activeElement === field);
}

function show(isOpen) {
  box.hidden = !isOpen;
  field.setAttribute("aria-expanded", String(isOpen));
  if (!isOpen) field.removeAttribute("aria-activedescendant");
}

function choose(option) {
  for (const each of box.children) each.setAttribute("aria-selected", String(each === option));
  if (option) field.setAttribute("aria-activedescendant", option.id);
  else field.removeAttribute("aria-activedescendant");
  option?.scrollIntoView({ block: "nearest" });
}

function take(option) {
  field.value = field.value.replace(/\S*$/, "") + option.dataset.text;
  show(false);
  if ("whole" in option.dataset) field.form.requestSubmit();
  else {
    field.focus();
    offerSoon();
  }
}

const offerSoon = calmly(offer, 50);
const chosen = () => box.querySelector("[aria-selected=true]");

function pressed(event) {
  if (isComposing(event) || box.hidden) return;
  const options = [...box.children];
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) choose(options[(options.indexOf(chosen()) + step + options.length) % options.length]);
  else if (event.key === "Escape") show(false);
  else if ((event.key === "Enter" || event.key === "Tab") && chosen()) take(chosen());
  else return;
  event.preventDefault();
  event.stopPropagation();
}

if (field) {
  field.addEventListener("input", (event) => event.isComposing || offerSoon());
  field.addEventListener("compositionend", offerSoon);
  field.addEventListener("focus", offerSoon);
  field.addEventListener("blur", () => show(false));
  field.addEventListener("keydown", pressed);
  box.addEventListener("pointerdown", (event) => {
    event.preventDefault(); // the field keeps the focus
    const option = event.target.closest("[role=option]");
    if (option) take(option);
  });
}
