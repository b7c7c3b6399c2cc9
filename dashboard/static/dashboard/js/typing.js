// Who writes in a chat is seen on the other side: theirs beside the reply, ours in their window.
import { say } from "./live.js";

const SHOWN = 5000;
const TOLD = 3000;
let toldAt = 0;
let timer = null;

document.addEventListener("live:typing", ({ detail }) => {
  const sign = document.querySelector("[data-typing]");
  if (!sign || detail.ticket !== document.getElementById("panes")?.dataset.case) return;
  sign.hidden = false;
  clearTimeout(timer);
  timer = setTimeout(() => (sign.hidden = true), SHOWN);
});

document.addEventListener("input", ({ target }) => {
  if (target.id !== "reply-text" || Date.now() - toldAt < TOLD) return;
  const chosen = document.querySelector("input[name=conversation]:checked");
  if (!chosen) return;
  toldAt = Date.now();
  say({ type: "typing", conversation: Number(chosen.value) });
});
