// The bar of filters opens by its button or key; in its field, Backspace takes the last one back.
import { isComposing } from "./composing.js";

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-filters-open]");
  const bar = document.getElementById("filters");
  if (!opener || !bar) return;
  event.preventDefault();
  bar.hidden = !bar.hidden;
  opener.setAttribute("aria-expanded", String(!bar.hidden));
  if (!bar.hidden) bar.querySelector(".qin").focus();
});

document.addEventListener("keydown", (event) => {
  const field = event.target;
  if (event.key !== "Backspace" || isComposing(event) || event.repeat) return;
  if (!field.matches?.(".qin") || field.value) return;
  const tokens = document.querySelectorAll("#filters .qtok a");
  tokens[tokens.length - 1]?.focus();
});

// Text that was not understood is to be put right, so that is where one goes on.
const wrong = document.querySelector(".qin[aria-invalid]");
wrong?.focus();
