// Ready words, a question or an article, go into the reply where one is writing.
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-ready]");
  const field = document.getElementById("reply-text");
  if (!link || !field) return;
  event.preventDefault();
  const reply = document.getElementById("compose-reply");
  if (reply) reply.checked = true;
  const before = field.value.slice(0, field.selectionEnd);
  const gap = before && !before.endsWith("\n") ? "\n" : "";
  field.setRangeText(`${gap}${link.dataset.ready}\n`, field.selectionEnd, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  document.querySelector("[data-desk]").dataset.pane = "case";
  field.focus();
});
