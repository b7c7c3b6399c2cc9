// What is being written is saved calmly on the server, and on this device until that has happened.
import { uploaded } from "./attaching.js";
import { calmly } from "./fetching.js";

const PAUSE = 800;
const forms = () => [...document.querySelectorAll("[data-draft] [data-composer]")];
const field = (form) => form.querySelector(".cmp-ta");
const key = (form) => `draft:${form.closest("[data-draft]").dataset.draft}:${field(form).id}`;
const token = (form) => form.querySelector("[name=csrfmiddlewaretoken]").value;
const dirty = new Set();
let running = Promise.resolve();

// What this device holds: a text, and the version of the server's that it goes on from.
function held(form) {
  try {
    return JSON.parse(localStorage.getItem(key(form)));
  } catch {
    return null;
  }
}

function tell(form, word) {
  const sign = form.closest("[data-draft]")?.querySelector("[data-saved]");
  if (sign) sign.textContent = sign.dataset[word] ?? "";
}

async function save(form, over = false) {
  dirty.delete(form);
  const text = field(form).value;
  const body = new FormData();
  body.set("csrfmiddlewaretoken", token(form));
  body.set("mode", form.dataset.mode);
  body.set("text", text);
  if (!over) body.set("seen", form.dataset.seen);
  if (form.dataset.mode === "reply") {
    body.set("conversation", document.querySelector(".to input:checked")?.value ?? "");
    body.set("macro", form.querySelector("[data-macro]").value);
  }
  const place = key(form);
  try {
    const answer = await fetch(form.closest("[data-draft]").dataset.draftUrl, { method: "POST", body, keepalive: document.visibilityState === "hidden" });
    if (answer.status === 409) return void ask(form, await answer.text());
    if (!answer.ok || answer.redirected) throw new Error(answer.status);
    const { version, parts } = await answer.json();
    form.dataset.seen = version;
    if (JSON.parse(localStorage.getItem(place))?.text === text || !text) localStorage.removeItem(place);
    tell(form, "kept");
    document.dispatchEvent(new CustomEvent("draft:saved", { detail: { parts } }));
  } catch {
    dirty.add(form);
    tell(form, "local");
  }
}

// Another device has written here too: nothing is overwritten until the person has chosen.
function ask(form, html) {
  const slot = form.closest("[data-draft]").querySelector("[data-elsewhere]");
  slot.innerHTML = html;
  const { theirs, version } = slot.firstElementChild.dataset;
  for (const button of slot.querySelectorAll("[data-take]")) {
    button.addEventListener("click", () => {
      const mine = field(form).value;
      field(form).value = { mine, theirs, both: `${theirs}\n\n${mine}` }[button.dataset.take];
      form.dataset.seen = version;
      slot.replaceChildren();
      field(form).focus();
      running = save(form, true);
    });
  }
}

const flush = () => (running = running.then(() => Promise.all([...dirty].filter((form) => form.isConnected).map((form) => save(form)))));
const saveSoon = calmly(flush, PAUSE, PAUSE);

function changed(form) {
  if (!form) return;
  localStorage.setItem(key(form), JSON.stringify({ text: field(form).value, seen: form.dataset.seen }));
  tell(form, "");
  dirty.add(form);
  saveSoon();
}

function restore() {
  for (const form of forms()) {
    const kept = held(form);
    const text = field(form).value;
    if (!kept?.text || kept.text === text || dirty.has(form)) continue;
    const goesOn = kept.seen === form.dataset.seen || !text;
    field(form).value = goesOn ? kept.text : text.includes(kept.text) ? text : `${text}\n\n${kept.text}`;
    changed(form);
  }
}

document.addEventListener("input", ({ target }) => target.matches("[data-draft] .cmp-ta") && changed(target.form));
document.addEventListener("composer:place", () => document.querySelector("#reply-text")?.value && changed(document.getElementById("reply-form")));
document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && flush());
addEventListener("online", flush);

// What the server does with a draft must find the newest text, and no older one may come after it.
document.addEventListener("htmx:confirm", (event) => {
  const { elt, issueRequest } = event.detail;
  if (!elt.matches("[data-composer], [data-settles]")) return;
  event.preventDefault();
  if (elt.matches("[data-composer]")) dirty.delete(elt);
  Promise.all([flush(), uploaded()]).then(() => issueRequest(true));
});

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.target.id === "panes") for (const form of dirty) running = save(form); // it is gone in a moment
  const form = detail.requestConfig?.elt;
  if (form?.matches("[data-composer]") && detail.xhr.status < 300) localStorage.removeItem(key(form));
});

document.addEventListener("htmx:afterSettle", restore);
restore();
