// Marks around what is selected, for channels that carry a format, and how it will look to the customer.
import { calmly } from "./fetching.js";

const field = () => document.getElementById("reply-text");
const isRich = () => document.querySelector(".to input:checked")?.matches("[data-html]");

function replace(text, from, to) {
  field().focus();
  field().setRangeText(text, from, to, "end");
  field().dispatchEvent(new Event("input", { bubbles: true }));
}

function mark(sign) {
  const { selectionStart: from, selectionEnd: to, value } = field();
  const inside = value.slice(from, to);
  replace(`${sign}${inside}${sign}`, from, to);
  if (!inside) field().setSelectionRange(from + sign.length, from + sign.length);
}

function link() {
  const { selectionStart: from, selectionEnd: to, value } = field();
  const inside = value.slice(from, to);
  replace(`[${inside}](https://)`, from, to);
  const at = inside ? from + inside.length + 11 : from + 1;
  field().setSelectionRange(at, at);
}

function lines(sign) {
  const { selectionStart, selectionEnd: to, value } = field();
  const from = value.lastIndexOf("\n", selectionStart - 1) + 1;
  replace(value.slice(from, to).split("\n").map((line) => sign + line).join("\n"), from, to);
}

function toggle(button) {
  const isOpen = button.getAttribute("aria-expanded") === "true";
  button.setAttribute("aria-expanded", String(!isOpen));
  document.getElementById("reply-preview").hidden = isOpen;
  if (!isOpen) look();
}

const look = calmly(async () => {
  const box = document.getElementById("reply-preview");
  const form = document.getElementById("reply-form");
  const answer = await fetch(form.dataset.previewUrl, { method: "POST", body: new FormData(form) });
  if (answer.ok) box.innerHTML = await answer.text();
}, 400);

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-mark], [data-link], [data-line], [data-preview]");
  if (!button) return;
  const { mark: sign, line } = button.dataset;
  if (sign) mark(sign);
  else if (line) lines(line);
  else if ("link" in button.dataset) link();
  else toggle(button);
});

document.addEventListener("keydown", (event) => {
  if (event.target.id !== "reply-text" || !(event.ctrlKey || event.metaKey) || event.altKey || !isRich()) return;
  const key = event.key.toLowerCase();
  if (key === "b" && !event.shiftKey) mark("**");
  else if (key === "i" && !event.shiftKey) mark("*");
  else if (key === "k" && event.shiftKey) link();
  else return;
  event.preventDefault();
});

document.addEventListener("input", ({ target }) => {
  const open = document.querySelector("[data-preview][aria-expanded=true]");
  if (target.id === "reply-text" && open) look();
});
