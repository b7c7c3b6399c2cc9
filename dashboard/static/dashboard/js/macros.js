// While a macro is written: what it will say, with sample values, and variables put in by a click.
import { calmly } from "./fetching.js";

const form = () => document.querySelector("[data-macro-form]");
let last = null;

const look = calmly(async () => {
  const answer = await fetch(form().dataset.macroForm, { method: "POST", body: new FormData(form()) });
  if (answer.ok) document.getElementById("macro-says").innerHTML = await answer.text();
}, 400);

document.addEventListener("focusin", ({ target }) => {
  if (form() && target.matches("[data-macro-form] textarea")) last = target;
});
document.addEventListener("input", ({ target }) => form()?.contains(target) && look());
document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-variable]");
  if (!button) return;
  const field = last ?? form().querySelector("textarea");
  field.focus();
  field.setRangeText(button.dataset.variable, field.selectionStart, field.selectionEnd, "end");
  look();
});
