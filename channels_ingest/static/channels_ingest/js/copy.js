// Copy a case number; the button confirms in place.
const live = document.getElementById("live");

async function copy(button) {
  await navigator.clipboard.writeText(button.dataset.copy);
  button.classList.add("done");
  const icon = button.querySelector("use");
  icon.setAttribute("href", icon.getAttribute("href").replace("#i-copy", "#i-check"));
  live.textContent = button.dataset.copied;
}

// A clipboard exists only on a secure page; without one the number is there to be selected.
if (navigator.clipboard) {
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", () => copy(button));
  }
}
