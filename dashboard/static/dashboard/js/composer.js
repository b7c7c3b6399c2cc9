// The composer: show which conversation is chosen and what follows from it, and go on writing where
// one was writing after a message has left.
const chosen = () => document.querySelector(".to input:checked");

function show(radio) {
  const label = radio.closest("label").querySelector("[data-label]").cloneNode(true);
  const summary = radio.closest("details").querySelector("[data-chosen]");
  summary.replaceChildren(...label.childNodes, summary.lastElementChild);
  for (const strip of document.querySelectorAll("[data-window]")) strip.hidden = strip.dataset.window !== radio.value;
  for (const sign of document.querySelectorAll("[data-elsewhere-than]")) sign.hidden = sign.dataset.elsewhereThan === radio.value;
}

document.addEventListener("change", ({ target }) => {
  if (target.matches(".to input")) {
    show(target);
    target.closest("details").open = false;
    document.dispatchEvent(new CustomEvent("composer:place"));
  }
  if (target.matches(".cmp-pick")) document.getElementById(target.dataset.focus)?.focus();
});

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-switch-to]");
  if (!button) return;
  const radio = document.querySelector(`.to input[value="${CSS.escape(button.dataset.switchTo)}"]`);
  radio.checked = true;
  radio.dispatchEvent(new Event("change", { bubbles: true }));
  document.getElementById("reply-text")?.focus();
});

// A fragment that was fetched again says what the server knows; what was chosen here stays chosen.
document.addEventListener("htmx:oobAfterSwap", ({ detail }) => {
  if (detail.target.id === "composer-to" && chosen()) show(chosen());
  if (detail.target.id !== "composer") return;
  const picked = document.querySelector(".cmp-pick:checked");
  if (picked) document.getElementById(picked.dataset.focus)?.focus();
});

// What is typed while an answer is on its way to the server is the beginning of the next one.
let sent = null;
let more = "";
document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  if (detail.elt.matches("[data-composer]")) sent = detail.elt.querySelector(".cmp-ta").value;
});
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const form = detail.requestConfig?.elt;
  if (sent === null || !form?.matches("[data-composer]")) return;
  const now = form.querySelector(".cmp-ta").value;
  more = now === sent ? "" : now.startsWith(sent) ? now.slice(sent.length) : now;
  sent = null;
});
document.addEventListener("htmx:afterSettle", () => {
  const field = document.getElementById("reply-text");
  if (!more || !field) return;
  field.value += more;
  more = "";
  field.dispatchEvent(new Event("input", { bubbles: true }));
});
