// Menus close when one turns elsewhere; buttons open the dialog they name.
document.addEventListener("click", (event) => {
  for (const open of document.querySelectorAll("details.pop[open]")) {
    if (!open.contains(event.target)) open.open = false;
  }
  const opener = event.target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens).showModal();
});

document.addEventListener("htmx:afterRequest", ({ target }) => {
  const open = target.closest?.("details[open]");
  if (open?.matches(".pop, .subject")) open.open = false;
});
