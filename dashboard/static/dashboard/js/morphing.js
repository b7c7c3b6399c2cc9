// A fragment that is fetched again must not undo what the person did to it: what they opened
// stays open, what they ticked stays ticked.
const kept = (name, element) =>
  (name === "open" && element.tagName === "DETAILS") ||
  (name === "checked" && element.tagName === "INPUT");

window.Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, element) => !kept(name, element);
