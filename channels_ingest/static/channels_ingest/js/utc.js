// Say beside a time in UTC when that was by the visitor's own clock.
function connect(field) {
  const place = field.form.querySelector("[data-local-time]");
  const show = () => {
    const written = field.value.trim().replace(" ", "T");
    const at = new Date(/(Z|[+-]\d\d:?\d\d)$/.test(written) ? written : `${written}Z`);
    const isKnown = /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(written) && !Number.isNaN(at.getTime());
    const options = { dateStyle: "medium", timeStyle: "long" };
    place.textContent = isKnown ? `${place.dataset.words} ${at.toLocaleString(document.documentElement.lang, options)}` : "";
  };
  field.addEventListener("input", show);
  show();
}

function connectAll(root) {
  for (const field of root.querySelectorAll("[data-utc]")) connect(field);
}

connectAll(document);
document.addEventListener("page:shown", (event) => connectAll(event.target));
