// The chat's button on any page. All else lives in a frame of the desk's own origin.
(() => {
  const script = document.currentScript;
  if (!script || document.querySelector("anhao-chat")) return;
  const WORDS = {/* words */};
  const { channel = "chat", color = "", theme = "", lang = "" } = script.dataset;
  const origin = new URL(script.src).origin;
  const language = (lang || document.documentElement.lang || navigator.language || "zh").toLowerCase();
  const words = WORDS[language.split("-")[0]] ?? WORDS.zh;
  const OPEN = "anhao-chat-open";
  const KEPT = `anhao-chat-kept:${channel}`;
  const host = document.createElement("anhao-chat");
  const root = host.attachShadow({ mode: "open" });
  let frame = null;
  let isOpen = false;

  const STYLE = `
:host { all: initial; }
button, iframe { position: fixed; z-index: 2147483000; }
button { inset: auto 20px 20px auto; display: flex; align-items: center; gap: 8px; min-height: 48px; padding: 0 18px; border: 0; border-radius: 24px; background: var(--c, #1c5a9e); color: var(--on, #fff); font: 600 15px/1.2 -apple-system, "Segoe UI", "PingFang SC", "Hiragino Sans", "Noto Sans CJK SC", sans-serif; box-shadow: 0 4px 16px #0003; cursor: pointer; }
button:focus-visible { outline: 3px solid #fff; box-shadow: 0 0 0 6px #1c5a9e; }
button b { min-width: 20px; padding: 2px 6px; border-radius: 10px; background: #fff; color: #17201d; font-size: 12px; text-align: center; }
svg { width: 20px; height: 20px; fill: none; stroke: currentColor; stroke-width: 1.5; stroke-linecap: round; stroke-linejoin: round; }
iframe { inset: auto 20px 20px auto; width: 376px; height: min(576px, calc(100vh - 40px)); border: 1px solid #8884; border-radius: 12px; background: Canvas; box-shadow: 0 8px 32px #0004; }
[hidden] { display: none; }
@media (max-width: 719px) {
  button { inset: auto 16px 16px auto; }
  iframe { inset: auto 0 0 0; width: 100%; height: min(92vh, 640px); border-width: 1px 0 0; border-radius: 12px 12px 0 0; }
}
@media print { button, iframe { display: none; } }`;

  function dress() {
    // Made by script, so that the page's own policy on style sheets need not know us.
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
    if (!/^#[0-9a-f]{6}$/i.test(color)) return;
    host.style.setProperty("--c", color);
    host.style.setProperty("--on", isLight(color) ? "#17201d" : "#fff");
  }

  function isLight(hex) {
    const [r, g, b] = [1, 3, 5].map((at) => (parseInt(hex.slice(at, at + 2), 16) / 255) ** 2.2);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.3;
  }

  const button = document.createElement("button");
  button.type = "button";
  button.setAttribute("aria-haspopup", "dialog");
  button.innerHTML = '<svg viewBox="0 0 20 20" aria-hidden="true"><path d="M3 4.5h14v9.5H9.5l-3.2 3v-3H3zM6.5 8h7M6.5 10.8h4.5"/></svg><span></span><b hidden></b>';
  button.querySelector("span").textContent = words.open;
  button.addEventListener("click", () => open(true));

  const token = () => String(window.anhaoChat?.token ?? script.dataset.token ?? "");
  const tell = (message) => frame?.contentWindow?.postMessage(message, origin);
  const opened = (focus) => tell({ anhao: "open", token: token(), color, theme, focus, kept: kept() });

  function open(focus) {
    if (!frame) {
      frame = document.createElement("iframe");
      frame.title = words.title;
      frame.allow = "clipboard-write";
      frame.src = `${origin}/support/chat/${encodeURIComponent(channel)}/?lang=${encodeURIComponent(language)}`;
      frame.dataset.focus = focus ? "1" : "";
      root.append(frame);
    }
    isOpen = true;
    frame.hidden = false;
    button.hidden = true;
    remember("1");
    opened(focus);
  }

  function close() {
    isOpen = false;
    if (frame) frame.hidden = true;
    button.hidden = false;
    remember("");
    tell({ anhao: "close" });
    button.focus();
  }

  // A page may have no storage; then the chat opens closed, and anew.
  function stored(act) {
    try {
      return act();
    } catch {
      return null;
    }
  }

  const remember = (value) => stored(() => sessionStorage.setItem(OPEN, value));
  const wasOpen = () => stored(() => sessionStorage.getItem(OPEN)) === "1";
  // What the frame has asked us to keep, because its own storage is denied.
  const kept = () => stored(() => JSON.parse(localStorage.getItem(KEPT) ?? "null"));

  function showUnread(count) {
    const badge = button.querySelector("b");
    badge.hidden = !(count > 0);
    badge.textContent = String(count);
    button.setAttribute("aria-label", count > 0 ? `${words.open}, ${count} ${words.unread}` : words.open);
  }

  window.addEventListener("message", (event) => {
    if (!frame || event.source !== frame.contentWindow || event.origin !== origin) return;
    const { anhao, count, kept: values } = event.data ?? {};
    if (anhao === "ready") opened(isOpen && frame.dataset.focus === "1");
    if (anhao === "close") close();
    if (anhao === "unread") showUnread(Number(count) || 0);
    if (anhao === "keep") stored(() => localStorage.setItem(KEPT, JSON.stringify(values)));
  });

  function begin() {
    dress();
    root.append(button);
    document.body.append(host);
    if (wasOpen()) open(false);
  }

  window.anhaoChat = Object.assign(window.anhaoChat ?? {}, { open: () => open(true), close });
  if (document.body) begin();
  else document.addEventListener("DOMContentLoaded", begin);
})();
