// "That is wrong, change it": beside what the machine took it for, while it has the word.
import { at, element } from "./show.js";

// For one entry only; for none, nothing is left to press.
export function offerCategories(entry, words, chosen) {
  for (const old of at("log").querySelectorAll("[data-correct]")) if (!entry || old.dataset.correct !== entry.id) old.remove();
  const filed = entry && [...at("log").children].find((line) => line.dataset.id === entry.id)?.querySelector(".filed");
  if (!filed || filed.querySelector("[data-correct]")) return;
  const wrong = element("button", "link", words.wrong);
  wrong.type = "button";
  wrong.dataset.correct = entry.id;
  wrong.addEventListener("click", () => {
    const form = choices(entry, words, chosen);
    wrong.replaceWith(form);
    form.elements[0].focus();
  });
  filed.append(wrong);
}

function choices(entry, words, chosen) {
  const form = element("form", "choice");
  const select = element("select");
  const press = element("button", "btn", words.choose);
  form.dataset.correct = entry.id;
  select.setAttribute("aria-label", words.about);
  for (const [code, label] of Object.entries(words.categories)) select.append(new Option(label, code, false, code === entry.category));
  form.append(select, press);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (select.value !== entry.category) chosen(select.value, select.selectedOptions[0].text);
    else form.remove();
  });
  return form;
}
