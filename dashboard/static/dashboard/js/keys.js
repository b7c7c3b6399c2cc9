// Single keys press the visible thing that carries them; never while somebody types or composes.
const typing = (element) => element.closest("input:not([type=radio]), textarea, select, [contenteditable]");
const visible = (element) => element.checkVisibility({ visibilityProperty: true }) || element.matches(".sr");
let pressedG = false;

function press(element) {
  if (element.matches("[type=search]")) element.focus();
  else if (element.matches("summary")) {
    element.click();
    element.parentElement.querySelector("button, input:not([type=hidden])")?.focus();
  } else if (element.matches("[type=radio]")) {
    element.checked = true;
    document.querySelector("[data-desk]").dataset.pane = "case";
    document.getElementById(element.dataset.focus)?.focus();
  } else element.click();
}

function move(step) {
  const rows = [...document.querySelectorAll(".tk")];
  const here = rows.indexOf(document.activeElement);
  const from = here >= 0 ? here : rows.findIndex((row) => row.hasAttribute("aria-current"));
  rows[Math.max(0, Math.min(rows.length - 1, from + step))]?.focus();
}

function leave(element) {
  const open = document.querySelector("details.pop[open]");
  if (open) {
    open.open = false;
    open.querySelector("summary").focus();
  } else if (typing(element)) element.blur();
  else document.querySelector("[data-key=Escape]")?.click();
}

document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (event.isComposing || key === "Process" || document.querySelector("dialog[open]")) return;
  if (key === "Enter" && (event.metaKey || event.ctrlKey) && target.form) {
    event.preventDefault();
    target.form.requestSubmit(target.form.querySelector("[type=submit]"));
    return;
  }
  if (key === "Escape") {
    leave(target);
    return;
  }
  if (event.metaKey || event.ctrlKey || event.altKey || typing(target)) return;
  const name = key.toLowerCase();
  const afterG = pressedG;
  pressedG = name === "g" && !afterG;
  if (afterG && name === "i") location.assign("/");
  else if (afterG) document.querySelector(`[data-go="${CSS.escape(name)}"]`)?.click();
  else if (name === "j") move(1);
  else if (name === "k") move(-1);
  else {
    const found = [...document.querySelectorAll(`[data-key="${CSS.escape(name)}"]`)].find(visible);
    if (!found) return;
    event.preventDefault();
    press(found);
  }
});
