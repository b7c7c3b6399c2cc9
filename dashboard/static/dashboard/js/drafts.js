// What is being written is kept on this device until it has been sent.
const key = (field) => `draft:${field.closest("[data-draft]").dataset.draft}:${field.id}`;
const fields = () => document.querySelectorAll("[data-draft] .cmp-ta");

function restore() {
  for (const field of fields()) field.value ||= localStorage.getItem(key(field)) ?? "";
}

document.addEventListener("input", ({ target }) => {
  if (!target.matches("[data-draft] .cmp-ta")) return;
  if (target.value) localStorage.setItem(key(target), target.value);
  else localStorage.removeItem(key(target));
});

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const form = detail.requestConfig?.elt;
  if (!form?.matches("[data-composer]") || detail.xhr.status >= 300) return;
  localStorage.removeItem(key(form.querySelector(".cmp-ta")));
});

document.addEventListener("htmx:afterRequest", restore);
restore();
