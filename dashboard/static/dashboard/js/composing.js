// Whether a key belongs to an input method. Safari sends the key that ends a composition only after
// the composition, so whatever follows at once belongs to it too.
const AFTERWARDS = 40;
let endedAt = -Infinity;

document.addEventListener("compositionend", ({ timeStamp }) => (endedAt = timeStamp), true);

export function isComposing(event) {
  const isPart = event.isComposing || event.keyCode === 229 || event.key === "Process";
  return isPart || event.timeStamp - endedAt < AFTERWARDS;
}
