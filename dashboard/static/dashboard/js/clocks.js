// Waiting times go on, and windows close, while the page stands; the words are the server's, only the number moves.
const SPANS = [[172800, 86400], [7200, 3600], [0, 60]];

function tick() {
  const words = document.querySelector("[data-spans]")?.dataset.spans.split("|");
  if (!words) return;
  for (const clock of document.querySelectorAll("[data-since], [data-until]")) {
    const { since, until } = clock.dataset;
    const lasted = Math.max(0, (since ? Date.now() - Date.parse(since) : Date.parse(until) - Date.now()) / 1000);
    const place = SPANS.findIndex(([from]) => lasted >= from);
    const text = words[place].replace("0", Math.floor(lasted / SPANS[place][1]));
    if (clock.textContent !== text) clock.textContent = text;
  }
}

setInterval(tick, 20000);
