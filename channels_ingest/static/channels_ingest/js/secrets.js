// Black out keys and tokens before they leave the browser. The server does the same (hiding_secrets.py).
const NAMES =
  "(?:x-)?(?:(?:access|refresh|id|auth|session|security|bot)[_-]?)?token" +
  "|(?:app|client|api|shared|link)?[_-]?secret(?:[_-]?key)?|pass(?:word|wd|phrase)?|pwd" +
  "|(?:x-)?(?:api|private|access|secret|encrypt(?:ion)?|aes)[_-]?key(?:[_-]?id)?" +
  "|(?:x-)?(?:[a-z]{2,12}-)?sign(?:ature)?|authorization|cookie|credentials?|jwt";
const PATTERNS = [
  /(-----BEGIN [A-Z ]*PRIVATE KEY-----)([\s\S]*?)(?=-----END|$)/g,
  /((?:^|["'])(?:set-)?cookie[ \t]*:[ \t]*)([^"'\r\n]+)/gim,
  new RegExp(
    `((?:^|[^A-Za-z0-9_])["']?(?:proxy-|set-)?(?:${NAMES})["']?[ \\t]*[:=][ \\t]*["']?` +
      "(?:(?:Bearer|Basic|Digest|Token)[ \\t]+)?)([^\\s\"'&,;}{<>]{4,})", "gim",
  ),
  /(\b(?:Bearer|Basic)[ \t]+)([A-Za-z0-9._~+/=-]{8,})/g,
  /()(eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]*)/g,
];

function hidden(text) {
  return PATTERNS.reduce(
    (seen, pattern) =>
      seen.replace(pattern, (whole, kept, secret) =>
        secret.trim() === "" || secret.includes("••••") ? whole : `${kept}••••(${secret.length})`),
    text,
  );
}

function connect(field) {
  const clean = () => {
    const seen = hidden(field.value);
    if (seen !== field.value) field.value = seen;
  };
  field.addEventListener("blur", clean);
  field.addEventListener("paste", () => setTimeout(clean));
  field.form.addEventListener("form:sending", clean);
  // Keys are hidden before the form leaves, also where another script fails.
  field.form.addEventListener("submit", clean, { capture: true });
}

function connectAll(root) {
  for (const field of root.querySelectorAll("[data-hides-secrets]")) connect(field);
}

connectAll(document);
document.addEventListener("page:shown", (event) => connectAll(event.target));
