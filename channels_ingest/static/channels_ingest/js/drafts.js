// Keep what was typed while the page changes its language.
const KEY = "draft";

function fields() {
  const typed = "textarea, input:not([type=hidden], [type=file], [type=checkbox])";
  return [...document.querySelectorAll("[data-send]")].flatMap((form) => [...form.querySelectorAll(typed)]);
}

function keep() {
  const values = fields().map((field) => [field.name, field.value]);
  sessionStorage.setItem(KEY, JSON.stringify({ path: location.pathname, values }));
}

function restore() {
  const { path, values } = JSON.parse(sessionStorage.getItem(KEY) ?? "{}");
  sessionStorage.removeItem(KEY);
  if (path !== location.pathname) return;
  const kept = new Map(values);
  for (const field of fields()) field.value ||= kept.get(field.name) ?? "";
}

restore();
for (const form of document.querySelectorAll("[data-keeps-draft]")) form.addEventListener("submit", keep);
