// The chat window: what is typed goes out, what is told is shown, and the page around us is heard.
import { offerCategories } from "./category.js";
import { Files } from "./files.js";
import { Line, keep } from "./line.js";
import { Outbox } from "./outbox.js";
import { at, dress, element, filled, showEntries, showStanding } from "./show.js";

const TYPING_SHOWN = 4000;
const TYPING_TOLD = 3000;
const SAY_LOST_AFTER = 3000;
const END = 80;
const body = document.body;
const words = dress(body);
const parentPage = window.parent === window ? null : window.parent;
const sites = body.dataset.sites.split(" ").filter(Boolean);
const told = { entries: [], standing: "new", number: "" };
const receipts = new Set();
let hostOrigin = "";
let isOpen = !parentPage;
let typingToldAt = 0;
let typingTimer = null;
let lostTimer = null;
let begun = null;

const line = new Line(body.dataset.chat, heard);
const outbox = new Outbox(line, show, (code) => problem(words[code]));
const files = new Files(line, words, problem);

function heard(what, content) {
  if (what === "window") {
    Object.assign(told, { agent: "", position: 0, parts: [] }, content);
    outbox.arrived(new Set(told.entries.map(({ id }) => id)));
  }
  if (what === "typing") showTyping();
  if (what === "beat" && (told.standing === "queue" || told.standing === "away")) line.sync();
  if (what === "up" || what === "reached") found();
  if (what === "up") outbox.resume();
  if (what === "lost") lostTimer ??= setTimeout(() => say(words.offline), SAY_LOST_AFTER);
}

function say(text) {
  at("offline").textContent = text;
  at("offline").hidden = false;
}

function found() {
  clearTimeout(lostTimer);
  lostTimer = null;
  at("offline").hidden = true;
}

function show() {
  const scroll = at("scroll");
  const wasAtEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < END;
  const known = new Set(told.entries.map(({ id }) => id));
  const unsent = outbox.items.filter(({ id }) => !known.has(id)).map((item) => ({ ...item, own: true, files: item.names.map((name) => ({ name })) }));
  showEntries([...told.entries, ...unsent], async (id) => (await line.request(`files/${id}/`)).blob());
  showStanding(told);
  showButtons(unsent.length > 0);
  const last = told.entries.at(-1);
  offerCategories(last?.category && told.standing === "bot" && !unsent.length ? last : null, words, (code, label) => {
    outbox.add(filled(words.is_about, { category: label }), [], [], code);
    at("text").focus();
  });
  if (told.entries.at(-1)?.own === false) at("typing").hidden = true;
  if (wasAtEnd) scroll.scrollTop = scroll.scrollHeight;
  tellUnread();
}

// What can be answered by one press: the words are sent like any others.
function showButtons(isWriting) {
  const last = told.entries.at(-1);
  const isAsked = told.standing === "bot" && last && !last.own && !isWriting;
  const answers = !isAsked ? [] : last.cards ? [words.solved, words.unsolved] : [words.person];
  if (at("asked").dataset.for === `${isAsked && last.id}`) return;
  at("asked").dataset.for = `${isAsked && last.id}`;
  at("asked").replaceChildren(
    ...answers.map((text, place) => {
      const button = element("button", place ? "btn btn--primary" : "btn", text);
      button.type = "button";
      button.addEventListener("click", () => {
        outbox.add(text);
        at("text").focus();
      });
      return button;
    }),
  );
}

function tellUnread() {
  const unread = told.entries.filter((entry) => entry.unread && entry.id && !receipts.has(entry.id)).map(({ id }) => id);
  tellPage({ anhao: "unread", count: isOpen ? 0 : unread.length });
  if (!isOpen || document.visibilityState !== "visible" || !unread.length) return;
  const shown = unread.slice(-50);
  shown.forEach((id) => receipts.add(id));
  line.post("read/", { replies: shown }).catch(() => shown.forEach((id) => receipts.delete(id)));
}

function showTyping() {
  at("typing").hidden = false;
  clearTimeout(typingTimer);
  typingTimer = setTimeout(() => (at("typing").hidden = true), TYPING_SHOWN);
}

function problem(text) {
  at("problem").textContent = text;
  at("problem").hidden = !text;
}

function send() {
  const text = at("text").value.trim();
  if (files.isBusy) return;
  const taken = files.taken();
  if (!text && !taken.length) return;
  problem("");
  at("text").value = "";
  outbox.add(text, taken.map(({ token }) => token), taken.map(({ name }) => name));
  at("scroll").scrollTop = at("scroll").scrollHeight;
}

at("form").addEventListener("submit", (event) => {
  event.preventDefault();
  send();
});

at("text").addEventListener("keydown", (event) => {
  // Enter that ends a composed word is the input method's own.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  send();
});

at("text").addEventListener("input", () => {
  if (Date.now() - typingToldAt < TYPING_TOLD) return;
  typingToldAt = Date.now();
  line.say({ type: "typing" });
});

at("copy").addEventListener("click", async () => {
  await navigator.clipboard?.writeText(at("number").textContent);
  at("state").textContent = words.copied;
});

// The frame keeps the focus while it is open; Esc gives it back to the page.
document.addEventListener("keydown", (event) => {
  if (!parentPage) return;
  if (event.key === "Escape") tellPage({ anhao: "close" });
  if (event.key !== "Tab") return;
  const stops = [...document.querySelectorAll("button, a[href], textarea, input, [tabindex='0']")].filter((each) => each.offsetParent !== null);
  const [first, last] = [stops[0], stops.at(-1)];
  const leaves = event.shiftKey ? document.activeElement === first : document.activeElement === last;
  if (!leaves) return;
  event.preventDefault();
  (event.shiftKey ? last : first).focus();
});

at("close").addEventListener("click", () => tellPage({ anhao: "close" }));
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && line.token && line.sync().then(tellUnread));

function tellPage(message) {
  if (parentPage && hostOrigin) parentPage.postMessage(message, hostOrigin);
}

function isHost(origin) {
  return origin === location.origin || sites.some((site) => site === "*" || site === origin || fits(site, origin));
}

// `https://*.example.com` names every site below it.
function fits(site, origin) {
  const [scheme, name] = site.split("://*.");
  return Boolean(name) && origin.startsWith(`${scheme}://`) && origin.endsWith(`.${name}`);
}

window.addEventListener("message", (event) => {
  if (event.source !== parentPage || !isHost(event.origin)) return;
  const { anhao, token, color, theme, focus, kept } = event.data ?? {};
  hostOrigin = event.origin;
  if (anhao === "close") isOpen = false;
  if (anhao !== "open") return;
  isOpen = true;
  paint(color, theme);
  if (begun === null) keep.adopt(kept);
  begin(String(token ?? ""));
  if (focus) at("text").focus();
});

function paint(color, theme) {
  const root = document.documentElement;
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  if (!/^#[0-9a-f]{6}$/i.test(color ?? "")) return;
  const [r, g, b] = [1, 3, 5].map((place) => (parseInt(color.slice(place, place + 2), 16) / 255) ** 2.2);
  root.style.setProperty("--accent-fill", color);
  root.style.setProperty("--on-accent", 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.3 ? "#17201d" : "#ffffff");
}

function begin(token) {
  if (begun === token) return tellUnread();
  begun = token;
  line.open(token).then(() => outbox.recall(), () => {
    begun = null;
    say(words.offline);
    setTimeout(() => begin(token), SAY_LOST_AFTER);
  });
}

keep.hand = (kept) => tellPage({ anhao: "keep", kept });
if (parentPage) {
  at("close").hidden = false;
  // Nothing is in this; whoever shows us answers from its origin, which is looked at.
  parentPage.postMessage({ anhao: "ready" }, "*");
} else begin("");
