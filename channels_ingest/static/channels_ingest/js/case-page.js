// Bring the moving part of a case page up to date, without moving what is under the hand.
const EVERY = 15;
const LONGEST = 120_000;
const live = document.getElementById("live");

function watch(place) {
  const every = Number(place.dataset.every ?? EVERY) * 1000;
  let tag = "";
  let pause = every;

  async function look() {
    if (document.hidden || !place.isConnected) return;
    const answer = await fetch(place.dataset.live, { headers: tag ? { "If-None-Match": tag } : {}, redirect: "error" });
    if (answer.status === 304) return;
    if (!answer.ok) throw new Error(String(answer.status));
    const isFirst = !tag;
    const fresh = await answer.text();
    if (isHeld(place)) return;
    tag = answer.headers.get("ETag") ?? "";
    if (same(place, fresh)) return;
    show(place, fresh);
    if (place.dataset.said && (!isFirst || place.querySelector(".msg--out"))) live.textContent = place.dataset.said;
  }

  async function round() {
    if (!place.isConnected) return;
    try {
      await look();
      pause = every;
    } catch {
      // The case may be closed to this browser by now, or the line is down: ask less and less.
      pause = Math.min(pause * 2, LONGEST);
    }
    setTimeout(round, pause);
  }

  setTimeout(round, every);
  document.addEventListener("visibilitychange", () => document.hidden || look().catch(() => {}));
  place.addEventListener("look", () => look().catch(() => {}));
}

// What somebody has begun to fill in, or stands in, is theirs until it is sent.
function isHeld(place) {
  const fields = [...place.querySelectorAll("input:not([type=hidden]), textarea")];
  return fields.some((field) => field === document.activeElement || field.files?.length || (field.checked ?? false) !== (field.defaultChecked ?? false) || (!field.files && field.value !== field.defaultValue));
}

function same(place, fresh) {
  const other = document.createElement("div");
  other.innerHTML = fresh;
  return other.textContent.replace(/\s+/g, " ") === place.textContent.replace(/\s+/g, " ");
}

// Whatever has the focus stays where it is on the screen, however much came in above it.
function show(place, fresh) {
  const held = document.activeElement !== document.body ? document.activeElement : null;
  const before = held?.getBoundingClientRect().top;
  place.innerHTML = fresh;
  if (held?.isConnected) scrollBy({ top: held.getBoundingClientRect().top - before, behavior: "instant" });
}

function watchAll() {
  for (const place of document.querySelectorAll("[data-live]")) watch(place);
}

watchAll();
document.addEventListener("page:shown", watchAll);
