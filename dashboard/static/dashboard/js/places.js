// A link to a message leads to it, also where the case was put beside the list; focus that an answer
// has taken away comes back to where the hand was.
import "./case.js";

let last = null;

function toPlace() {
  const found = /^#message-\d+$/.test(location.hash) && document.getElementById(location.hash.slice(1));
  if (!found) return;
  found.scrollIntoView({ block: "center" });
  found.classList.add("fresh");
}

document.addEventListener("focusin", ({ target }) => (last = target));

document.addEventListener("htmx:afterSettle", ({ target }) => {
  if (target.id === "panes") toPlace();
  if (document.activeElement !== document.body || !last || last.isConnected) return;
  const again = last.id && document.getElementById(last.id);
  (again || document.getElementById("main"))?.focus({ preventScroll: true });
});

toPlace();
