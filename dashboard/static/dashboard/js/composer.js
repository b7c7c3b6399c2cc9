// The composer: show which conversation is chosen and which files are attached, and go on writing
// where one was writing after a message has left.
document.addEventListener("change", ({ target }) => {
  if (target.matches(".to input")) {
    const chosen = target.closest("label").querySelector("[data-label]").cloneNode(true);
    const summary = target.closest("details").querySelector("[data-chosen]");
    summary.replaceChildren(...chosen.childNodes, summary.lastElementChild);
    target.closest("details").open = false;
    for (const strip of document.querySelectorAll("[data-window]")) strip.hidden = strip.dataset.window !== target.value;
  }
  if (target.matches("[data-files]")) {
    const names = [...target.files].map((file) => file.name).join(", ");
    target.closest("form").querySelector("[data-file-names]").textContent = names;
  }
  if (target.matches(".cmp-pick")) document.getElementById(target.dataset.focus)?.focus();
});

document.addEventListener("htmx:oobAfterSwap", ({ detail }) => {
  if (detail.target.id !== "composer") return;
  const picked = document.querySelector(".cmp-pick:checked");
  if (picked) document.getElementById(picked.dataset.focus)?.focus();
});
