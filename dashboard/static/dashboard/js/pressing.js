// What carries a key: which there are, what they are called, and what pressing one does.
const CARRIERS = "[data-key], [data-go]";
const SIGNS = { shift: "⇧", enter: "↵", escape: "Esc", tab: "Tab", mod: /Mac|iP/.test(navigator.platform) ? "⌘" : "Ctrl" };

export const isVisible = (element) => element.checkVisibility({ visibilityProperty: true }) || element.matches(".sr");

// The visible carriers of the page, not those of a dialog that is closed.
export function carriers() {
  return [...document.querySelectorAll(CARRIERS)].filter((element) => isVisible(element) && !element.disabled);
}

export function withKey(name) {
  return carriers().filter((element) => element.dataset.key?.toLowerCase() === name);
}

// The keys of a carrier, one sign each: ["⇧", "S"], ["G", "C"].
export function signs({ dataset }) {
  if (dataset.go) return ["G", dataset.go.toUpperCase()];
  return dataset.key.split("+").map((part) => SIGNS[part.toLowerCase()] ?? part.toUpperCase());
}

export function nameOf(element) {
  const told = element.getAttribute("aria-label") ?? element.labels?.[0]?.textContent ?? element.title;
  const text = told || [...element.childNodes].filter((node) => !node.matches?.("kbd")).map((node) => node.textContent).join(" ");
  return text.replace(/\s*\([^()]{1,3}\)\s*$/, "").replace(/\s+/g, " ").trim();
}

export function press(element) {
  if (element.matches("[type=search]") || "keyFocus" in element.dataset) element.focus();
  else if (element.matches("summary")) {
    element.click();
    element.parentElement.querySelector("button, input:not([type=hidden])")?.focus();
  } else if (element.matches("[type=radio]")) {
    element.checked = true;
    document.querySelector("[data-desk]").dataset.pane = "case";
    document.getElementById(element.dataset.focus)?.focus();
  } else element.click();
}
