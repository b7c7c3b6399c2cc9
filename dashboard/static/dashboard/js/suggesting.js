// A suggested draft is taken over by Tab while nothing has been written, and goes when something is.
const field = () => document.getElementById("reply-text");
const box = () => document.querySelector("[data-suggestion]");

function fit() {
  if (box() && field()) box().hidden = field().value !== "";
}

function take() {
  field().value = box().dataset.text;
  field().focus();
  field().dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("keydown", (event) => {
  const { key, target, shiftKey, isComposing } = event;
  if (key !== "Tab" || shiftKey || isComposing || target.id !== "reply-text" || !box() || box().hidden) return;
  event.preventDefault();
  take();
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-adopt]")) {
    event.preventDefault();
    take();
  }
});

document.addEventListener("htmx:afterRequest", ({ target }) => {
  const dismissed = target.closest?.("[data-suggestion]");
  if (!dismissed) return;
  dismissed.remove();
  field()?.focus();
});
document.addEventListener("input", ({ target }) => target.id === "reply-text" && fit());
document.addEventListener("htmx:afterSettle", fit);
fit();
