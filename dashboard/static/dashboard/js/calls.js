// Tell a lead when a further case calls for one: the count in the rail has risen.
const rail = document.getElementById("rail-lists");
const words = document.getElementById("lead-called");
const called = () => parseInt(rail.querySelector("[data-calls]")?.dataset.calls ?? "0", 10) || 0;
let before = rail ? called() : 0;

function tell() {
  const now = called();
  if (now > before) document.getElementById("toasts").replaceChildren(words.content.cloneNode(true));
  before = now;
}

if (rail && words) {
  new MutationObserver(tell).observe(rail, { attributes: true, childList: true, subtree: true });
}
