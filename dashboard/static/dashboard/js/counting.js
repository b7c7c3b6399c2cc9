// How much of the channel's room is taken, counted as the vendor counts, and into how many parts it goes.
const bytes = new TextEncoder();
let parts = 1;

function count() {
  const sign = document.querySelector("[data-count]");
  const text = document.getElementById("reply-text")?.value ?? "";
  const place = document.querySelector(".to input:checked")?.dataset;
  if (!sign) return;
  const limit = Number(place?.limit ?? 0);
  const taken = place && "bytes" in place ? bytes.encode(text).length : [...text].length;
  const over = limit > 0 && taken > limit;
  const note = !over ? "" : "splits" in place ? (parts > 1 ? sign.dataset.parts.replace("{n}", parts) : "") : sign.dataset.tooLong;
  sign.textContent = limit ? [`${taken} / ${limit}`, note].filter(Boolean).join(" · ") : "";
  sign.classList.toggle("is-over", over && !("splits" in place));
}

document.addEventListener("input", ({ target }) => target.id === "reply-text" && count());
document.addEventListener("draft:saved", ({ detail }) => {
  parts = detail.parts;
  count();
});
document.addEventListener("composer:place", count);
document.addEventListener("htmx:afterSettle", count);
count();
