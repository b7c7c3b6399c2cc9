// One message by its link: found however far back it stands, shown and marked; its time copies it.
const wanted = () => /^#message-(\d+)$/.exec(location.hash)?.[1];

function show(message) {
  for (const other of document.querySelectorAll(".msg.is-linked")) other.classList.remove("is-linked");
  for (let fold = message.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  message.classList.add("is-linked");
  message.scrollIntoView({ block: "center" });
}

// The fragment never reaches the server: where the message is not on the page, ask for it by name.
export function showLinked() {
  const key = wanted();
  if (!key) return false;
  const message = document.getElementById(`message-${key}`);
  const query = new URLSearchParams(location.search);
  if (message) show(message);
  else if (document.getElementById("timeline") && query.get("message") !== key) {
    query.set("message", key);
    query.delete("show");
    location.replace(`${location.pathname}?${query}#message-${key}`);
  }
  return Boolean(message);
}

document.addEventListener("click", async (event) => {
  const link = event.target.closest("[data-copy-link]");
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  await navigator.clipboard?.writeText(link.href);
  link.classList.add("done");
  const voice = document.getElementById("live");
  voice.textContent = voice.dataset.copied;
});

addEventListener("hashchange", showLinked);
