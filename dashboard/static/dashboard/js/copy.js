// Copy a case number; the button itself confirms. Pressed again at once it copies the link.
const AT_ONCE = 2000;
let copied = { text: "", at: -Infinity };

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const text = button.dataset.copy;
  const again = copied.text === text && performance.now() - copied.at < AT_ONCE && "copyTwice" in button.dataset;
  copied = { text: again ? "" : text, at: performance.now() };
  await navigator.clipboard?.writeText(again ? new URL(`/tickets/${text}/`, location.href).href : text);
  button.classList.add("done");
  const voice = document.getElementById("live");
  voice.textContent = again ? voice.dataset.copiedLink : voice.dataset.copied;
});
