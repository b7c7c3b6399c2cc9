// The open case: fetch again what changed, follow the talk only from its end, say what is new.
import { calmly } from "./fetching.js";
import { markCurrent } from "./list.js";
import { hello } from "./live.js";
import { showLinked } from "./messages.js";

const END = 80;
const line = () => document.getElementById("timeline");
const scroller = () => document.querySelector("[data-tail]");
const messages = () => new Set([...document.querySelectorAll("#timeline .msg")].map((m) => m.id));
const atEnd = (box) => box.scrollHeight - box.scrollTop - box.clientHeight < END;
let before = null;

const refreshSoon = calmly(
  () => new Promise((done) => {
    const target = line();
    if (!target) return done();
    target.addEventListener("htmx:afterRequest", done, { once: true });
    setTimeout(done, 10000);
    window.htmx.trigger(target, "refresh");
  }),
  50,
);

document.addEventListener("live:ticket", ({ detail }) => {
  const open = document.getElementById("panes")?.dataset.case;
  if (detail.ticket === open && detail.version > Number(line().dataset.version)) refreshSoon();
  // What may be the same problem says here, too, that somebody answered it.
  if (document.querySelector(`[data-beside="${CSS.escape(detail.ticket)}"]`)) refreshSoon();
});

document.addEventListener("htmx:beforeSwap", () => {
  const box = scroller();
  before = box && { box, known: messages(), wasAtEnd: atEnd(box) };
});

document.addEventListener("htmx:afterRequest", () => {
  const box = scroller();
  if (!before || box !== before.box) return;
  const fresh = [...document.querySelectorAll("#timeline .msg")].filter((m) => !before.known.has(m.id));
  for (const message of fresh) message.classList.add("fresh");
  if (fresh.some((message) => "inbound" in message.dataset)) {
    const voice = document.getElementById("live");
    voice.textContent = voice.dataset.newMessage;
    if (document.visibilityState === "visible") hello(); // it has been looked at
  }
  if (before.wasAtEnd) toEnd();
  else if (fresh.length) for (const jump of document.querySelectorAll("[data-jump]")) jump.hidden = false;
  before = null;
});

// Another case was put beside the list. Only now do its elements have their own attributes: until
// it has settled, htmx lends them those of the elements that they replace.
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id !== "panes") return;
  const panes = document.getElementById("panes");
  document.title = panes.dataset.title;
  document.querySelector("[data-desk]").dataset.pane = "case";
  document.querySelector(`#row-${panes.dataset.case}`)?.classList.remove("unread");
  markCurrent();
  toStart();
  hello();
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-jump]")) toEnd();
});

// Pictures come later than the text around them.
document.addEventListener("load", ({ target }) => {
  const box = target.closest?.("[data-tail]");
  if (box && box.scrollHeight - box.scrollTop - box.clientHeight < END + target.height) toEnd();
}, true);

// Where reading begins: at the message of a link, at what is new, or else at the end.
function toStart() {
  if (showLinked()) return;
  toEnd();
  const box = scroller();
  const mark = document.getElementById("unread");
  if (mark && mark.getBoundingClientRect().top < box.getBoundingClientRect().top) mark.scrollIntoView();
}

function toEnd() {
  const box = scroller();
  if (!box) return;
  box.scrollTop = box.scrollHeight;
  for (const jump of document.querySelectorAll("[data-jump]")) jump.hidden = true;
}

toStart();
