// Say whether an article helped without leaving it; without this the form does the same by a page.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  const place = form.closest("[data-feedback]");
  if (!place) return;
  event.preventDefault();
  const body = new URLSearchParams(new FormData(form, event.submitter));
  try {
    const answer = await fetch(form.action, { method: "POST", body, headers: { "X-Fragment": "1" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
    const next = parsed.querySelector("[data-feedback]");
    place.replaceWith(next);
    next.focus();
  } catch {
    const button = event.submitter;
    if (button?.name) form.append(Object.assign(document.createElement("input"), { type: "hidden", name: button.name, value: button.value }));
    form.submit();
  }
});
