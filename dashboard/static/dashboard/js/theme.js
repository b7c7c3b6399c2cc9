// Change the theme at once; the form keeps the choice for the next page.
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-theme-form]")) return;
  event.preventDefault();
  const chosen = event.submitter.value;
  document.documentElement.dataset.theme = chosen;
  for (const button of event.target.querySelectorAll("button")) {
    button.setAttribute("aria-pressed", String(button.value === chosen));
  }
  const body = new FormData(event.target, event.submitter);
  fetch(event.target.action, { method: "POST", body, redirect: "manual" });
});
