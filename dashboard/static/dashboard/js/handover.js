// Handing over: what is ticked is counted while one chooses.
const form = () => document.querySelector("[data-handover]");

function count() {
  const cases = [...form().querySelectorAll("[name=case]:checked")];
  for (const place of form().querySelectorAll("[data-count]")) {
    const what = place.dataset.count;
    place.textContent = what === "case" ? cases.length : cases.filter((each) => what in each.dataset).length;
  }
}

document.addEventListener("change", ({ target }) => target.matches("[data-handover] [name=case]") && count());
