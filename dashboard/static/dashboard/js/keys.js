// Single keys press the visible thing that carries them; never while somebody types or composes,
// nor for those who have switched them off.
import { isComposing } from "./composing.js";
import { carriers, press, withKey } from "./pressing.js";

const typing = (element) => element.closest?.("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]");
const desk = () => document.querySelector("[data-desk]");
const currentRow = () => document.querySelector(".tk[aria-current]") ?? document.querySelector(".tk");
let pressedG = false;

function move(step) {
  const rows = [...document.querySelectorAll(".tk")];
  const here = rows.indexOf(document.activeElement);
  const from = here >= 0 ? here : rows.findIndex((row) => row.hasAttribute("aria-current"));
  rows[Math.max(0, Math.min(rows.length - 1, from + step))]?.focus();
}

// One level back: out of a menu, out of a field, out of a page that says where back is, to the list.
function leave(element) {
  const open = document.querySelector("details.pop[open]");
  const inCase = element.closest?.("#panes") || element === document.body;
  if (open) {
    open.open = false;
    open.querySelector("summary").focus();
  } else if (typing(element)) {
    element.blur();
    (inCase ? document.getElementById("main") : currentRow())?.focus({ preventScroll: true });
  } else {
    const [back] = withKey("escape");
    if (back) back.click();
    else if (inCase && currentRow()) {
      desk().dataset.pane = "list";
      currentRow().focus();
    }
  }
}

function chord({ key, shiftKey, metaKey, ctrlKey, altKey }) {
  const name = key.toLowerCase();
  const isNamed = key.length > 1 || /^[a-z]$/.test(name);
  return `${metaKey || ctrlKey ? "mod+" : ""}${altKey ? "alt+" : ""}${shiftKey && isNamed ? "shift+" : ""}${name}`;
}

function submit(event) {
  event.preventDefault();
  const { form } = event.target;
  form.requestSubmit(form.querySelector("[type=submit]"));
}

document.addEventListener("keydown", (event) => {
  const { target } = event;
  if (event.defaultPrevented || isComposing(event) || document.querySelector("dialog[open]")) return;
  const name = chord(event);
  const [found] = withKey(name);
  const isChord = name.startsWith("mod+") || name.startsWith("alt+");
  if (name === "escape") leave(target);
  else if (isChord && found) {
    event.preventDefault();
    press(found);
  } else if (name === "mod+enter" && target.form) submit(event);
  else if (!isChord && !typing(target) && desk()?.dataset.singleKeys !== "off") single(event, name, found);
});

function single(event, name, found) {
  const afterG = pressedG;
  pressedG = name === "g" && !afterG;
  const pressed = afterG ? carriers().find(({ dataset }) => dataset.go === name) : found;
  if (pressed) {
    event.preventDefault();
    press(pressed);
  } else if (afterG && name === "i") location.assign("/");
  else if (name === "j") move(1);
  else if (name === "k") move(-1);
}
