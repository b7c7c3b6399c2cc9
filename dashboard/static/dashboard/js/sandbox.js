// The sandbox: keep every chat fresh while somebody looks, and put the first case on the right.
import { fragment, renew } from "./fetching.js";

const EVERY = 1000;
const END = 60;
const page = document.querySelector("[data-sandbox]");
let shown = "";
let timer = null;

function toEnd(box) {
  box.scrollTop = box.scrollHeight;
}

// A chat is followed from its end only, and never while somebody reads further up.
function renewChat(old, html) {
  const wasAtEnd = old.scrollHeight - old.scrollTop - old.clientHeight < END;
  renew(old, html);
  if (wasAtEnd) toEnd(old);
}

async function look() {
  const html = await fragment(page.dataset.sandbox);
  if (html === shown) return;
  shown = html;
  const fresh = document.createElement("template");
  fresh.innerHTML = html;
  for (const part of fresh.content.children) {
    const old = document.getElementById(part.id);
    if (!old || old.outerHTML === part.outerHTML) continue;
    if ("chat" in part.dataset) renewChat(old, part.outerHTML);
    else renew(old, part.outerHTML);
  }
  openFirst();
  markOpen();
}

// Another case never takes the place of one that is open: somebody may be writing there.
function openFirst() {
  const { url } = document.getElementById("sb-newest").dataset;
  if (!url || document.getElementById("panes").dataset.case) return;
  window.htmx.ajax("GET", url, { target: "#panes", swap: "outerHTML" });
}

function markOpen() {
  const open = document.getElementById("panes").dataset.case;
  for (const link of document.querySelectorAll("[data-open]")) {
    if (link.dataset.open === open) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

async function lookOn() {
  clearTimeout(timer);
  if (document.visibilityState !== "visible") return;
  try {
    await look();
  } catch (error) {
    console.warn(error);
  }
  timer = setTimeout(lookOn, EVERY);
}

document.addEventListener("visibilitychange", lookOn);
document.addEventListener("htmx:afterSettle", ({ target }) => {
  if (target.id === "panes") {
    // On a phone the desk would show its case alone; here it stands among the doors.
    document.querySelector("[data-desk]").dataset.pane = "list";
    markOpen();
  }
  for (const chat of target.querySelectorAll("[data-chat]")) toEnd(chat);
});

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-quote]");
  if (!button) return;
  const field = document.getElementById(button.dataset.quote);
  const { number } = document.getElementById("sb-newest").dataset;
  if (number) field.value = `${field.value.trim()} ${number} `.trimStart();
  field.focus();
});

document.addEventListener("change", ({ target }) => {
  if (!target.matches("[data-picture]")) return;
  target.form.querySelector("[data-picture-name]").textContent = target.files[0]?.name ?? "";
});

for (const chat of document.querySelectorAll("[data-chat]")) toEnd(chat);
lookOn();
