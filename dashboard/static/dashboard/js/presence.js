// Who else is at a case: in its head and in its row. Frames carry ids; names are fetched once.
import { calmly } from "./fetching.js";
import { say } from "./live.js";

const HEARTBEAT = 8000; // the server forgets a page after 20 seconds
const STILL_WRITING = 6000;
const LISTED_AGAIN = 20000;
const MOST_ROWS = 150;
const present = new Map();
let names = null;
let doing = "view";
let restTimer = null;

const openCase = () => document.getElementById("panes")?.dataset.case;

async function nameOf(id) {
  names ??= fetch("/people/").then((answer) => answer.json());
  return (await names)[id] ?? "?";
}

async function picture([id, what], words) {
  const name = await nameOf(id);
  const mark = document.createElement("span");
  mark.className = `ava ava--see${what === "view" ? "" : " is-writing"}`;
  mark.textContent = [...name][0];
  mark.title = words[what].replace("{name}", name);
  return mark;
}

async function draw(place, people, most) {
  const words = document.querySelector("[data-presence-words]").dataset;
  const busy = ["reply", "note", "view"];
  const sorted = [...people].sort((a, b) => busy.indexOf(a[1]) - busy.indexOf(b[1]));
  const key = JSON.stringify(sorted);
  if (place.dataset.shown === key) return;
  place.dataset.shown = key;
  const marks = await Promise.all(sorted.slice(0, most).map((each) => picture(each, words)));
  if (place.dataset.shown !== key) return;
  place.replaceChildren(...marks);
  if (!marks.length) return;
  const said = document.createElement("span");
  said.className = place.matches("[data-viewers]") ? "" : "sr";
  said.textContent = marks[0].title + (sorted.length > 1 ? ` +${sorted.length - 1}` : "");
  for (const mark of marks) mark.setAttribute("aria-hidden", "true");
  place.append(said);
}

// Fragments that come anew have empty places; those that stand keep what they show.
const drawAll = calmly(async () => {
  for (const place of document.querySelectorAll("[data-viewers], [data-row-people]")) {
    if (!place.childElementCount) delete place.dataset.shown;
    const people = present.get(place.dataset.viewers ?? place.dataset.rowPeople) ?? [];
    await draw(place, people, place.matches("[data-viewers]") ? 3 : 2);
  }
}, 50);

function ask() {
  if (document.hidden) return;
  const tickets = [...document.querySelectorAll(".tk")].slice(0, MOST_ROWS).map((row) => row.dataset.number);
  if (tickets.length) say({ type: "rows", tickets });
}

function tell(what) {
  doing = what;
  if (openCase()) say({ type: "doing", doing });
}

document.addEventListener("live:people", ({ detail }) => {
  present.set(detail.ticket, detail.people);
  drawAll();
});
document.addEventListener("live:rows", ({ detail }) => {
  for (const number of present.keys()) if (number !== openCase()) present.delete(number);
  for (const [number, people] of Object.entries(detail.people)) present.set(number, people);
  drawAll();
});
document.addEventListener("live:ready", ask);

document.addEventListener("input", ({ target }) => {
  const what = { "reply-text": "reply", "note-text": "note" }[target.id];
  if (!what) return;
  if (doing !== what) tell(what);
  clearTimeout(restTimer);
  restTimer = setTimeout(() => tell("view"), STILL_WRITING);
});
document.addEventListener("visibilitychange", () => {
  doing = "view"; // whoever comes back says hello, which says as much
  if (document.hidden) say({ type: "doing", doing: "" });
});

if (document.querySelector("[data-presence-words]")) {
  setInterval(() => document.hidden || tell(doing), HEARTBEAT);
  setInterval(ask, LISTED_AGAIN);
  new MutationObserver(drawAll).observe(document.querySelector("[data-desk]"), { childList: true, subtree: true });
}
