// Waiting times go on while the page stands; the words are the server's, only the number moves.
const SPANS = [[172800, 86400], [7200, 3600], [0, 60]];

function tick() {
  const words = document.querySelector("[data-spans]")?.dataset.spans.split("|");
  if (!words) return;
  for (const clock of document.querySelectorAll("[data-since]")) {
    const lasted = Math.max(0, (Date.now() - Date.parse(clock.dataset.since)) / 1000);
    const place = SPANS.findIndex(([from]) => lasted >= from);
    const text = words[place].replace("0", Math.floor(lasted / SPANS[place][1]));
    if (clock.textContent !== text) clock.textContent = text;
  }
}

setInterval(tick, 20000);
