// The sheet of keys: what this page can do besides is added when it opens, and all of it is searched.
import { carriers, nameOf, signs } from "./pressing.js";

const sheet = document.getElementById("keys");
const more = sheet?.querySelector("[data-keys-here]");

function line(element) {
  const made = document.createElement("li");
  const text = Object.assign(document.createElement("span"), { textContent: nameOf(element) });
  made.append(text, ...signs(element).map((key) => Object.assign(document.createElement("kbd"), { className: "kbd", textContent: key })));
  return made;
}

function fill() {
  const known = new Set([...sheet.querySelectorAll("[data-of]")].flatMap(({ dataset }) => dataset.of.split(" ")));
  const name = ({ dataset }) => (dataset.go ? `g+${dataset.go}` : dataset.key.toLowerCase());
  const fresh = new Map(carriers().filter((each) => !known.has(name(each)) && nameOf(each)).map((each) => [name(each), each]));
  more.querySelector("ul").replaceChildren(...[...fresh.values()].map(line));
  more.hidden = !fresh.size;
}

document.addEventListener("click", ({ target }) => {
  if (target.closest("[data-opens=keys]")) fill();
});

sheet?.querySelector("[type=search]").addEventListener("input", ({ target }) => {
  const wanted = target.value.normalize("NFKC").toLowerCase().trim();
  for (const each of sheet.querySelectorAll("li")) each.hidden = !each.textContent.toLowerCase().includes(wanted);
});
