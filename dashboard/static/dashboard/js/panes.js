// On narrow screens one pane shows at a time.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-pane-to]");
  if (!button) return;
  event.preventDefault();
  document.querySelector("[data-desk]").dataset.pane = button.dataset.paneTo;
});
