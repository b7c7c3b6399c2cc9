// Copy a case number; the button itself confirms.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard?.writeText(button.dataset.copy);
  button.classList.add("done");
  const voice = document.getElementById("live");
  voice.textContent = voice.dataset.copied;
});
