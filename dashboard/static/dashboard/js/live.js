// The one socket. It only says which case has changed: "live:ticket" goes to whoever shows it,
// "live:again" after every connection, because what happened in between was not heard.
const BANNER_AFTER = 3000;
const NOT_ALLOWED = 4401;
const status = document.getElementById("connection");
const banner = document.getElementById("offline");
let socket = null;
let attempts = 0;
let bannerTimer = null;

const tell = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));

function show(state) {
  status.dataset.state = state;
  status.querySelector(".dot").className = `dot dot--${state}`;
  status.querySelector("span").textContent = status.dataset[state];
}

export function hello() {
  if (socket?.readyState !== WebSocket.OPEN) return;
  const line = document.getElementById("timeline");
  const ticket = document.getElementById("panes")?.dataset.case ?? "";
  socket.send(JSON.stringify({ type: "hello", ticket, version: Number(line?.dataset.version ?? 0) }));
}

export function say(frame) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
}

function heard(event) {
  const told = JSON.parse(event.data);
  if (told.type === "ticket") tell("live:ticket", told);
  if (["typing", "people", "rows", "bell"].includes(told.type)) tell(`live:${told.type}`, told);
  if (told.type !== "ready") return;
  attempts = 0;
  clearTimeout(bannerTimer);
  bannerTimer = null;
  banner.hidden = true;
  if (status.dataset.state !== "on") tell("live:again");
  show("on");
  tell("live:ready");
}

function lost(event) {
  show("off");
  if (event.code === NOT_ALLOWED) {
    location.reload();
    return;
  }
  bannerTimer ??= setTimeout(() => (banner.hidden = false), BANNER_AFTER);
  // Half fixed, half at random: when a server returns, not everybody comes at once.
  const span = Math.min(30000, 500 * 2 ** attempts++);
  setTimeout(connect, span / 2 + (Math.random() * span) / 2);
}

function connect() {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  socket = new WebSocket(`${scheme}://${location.host}/ws/desk/`);
  socket.addEventListener("open", hello);
  socket.addEventListener("message", heard);
  socket.addEventListener("close", lost);
}

if (status) {
  connect();
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "visible") return;
    hello();
    tell("live:again");
  });
}
