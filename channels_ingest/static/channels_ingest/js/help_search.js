// Show what fits while somebody types; without this the form leads to a page that shows the same.
const PAUSE = 180; // milliseconds without a key before we ask

for (const form of document.querySelectorAll("[data-search]")) begin(form);

function begin(form) {
  const field = form.querySelector("input[name=q]");
  const place = form.querySelector(".find-hits");
  const live = document.getElementById("live");
  let timer = null;
  let asking = null;
  let chosen = -1;

  field.setAttribute("role", "combobox");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-expanded", "false");

  const options = () => [...place.querySelectorAll("[role=option]")];

  function close() {
    clearTimeout(timer);
    asking?.abort();
    place.hidden = true;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
    field.removeAttribute("aria-controls");
    chosen = -1;
  }

  function choose(number) {
    const all = options();
    chosen = (number + all.length) % all.length;
    all.forEach((option, index) => option.setAttribute("aria-selected", index === chosen));
    field.setAttribute("aria-activedescendant", all[chosen].id);
    all[chosen].scrollIntoView({ block: "nearest" });
  }

  function show(html) {
    place.innerHTML = html;
    const list = place.firstElementChild;
    if (!list) return close();
    list.id = "search-hits";
    chosen = -1;
    place.hidden = false;
    field.setAttribute("aria-expanded", "true");
    field.setAttribute("aria-controls", list.id);
    field.removeAttribute("aria-activedescendant");
    live.textContent = list.dataset.said;
  }

  async function ask() {
    const question = field.value.trim();
    asking?.abort();
    if (!question) return close();
    asking = new AbortController();
    const { signal } = asking;
    try {
      const answer = await fetch(`${form.dataset.hits}?q=${encodeURIComponent(question)}`, { signal });
      const html = answer.ok ? (await answer.text()).trim() : "";
      if (!signal.aborted) show(html);
    } catch (error) {
      if (error.name !== "AbortError") close(); // the form itself still works
    }
  }

  field.addEventListener("input", (event) => {
    clearTimeout(timer);
    if (!event.isComposing) timer = setTimeout(ask, PAUSE);
  });
  field.addEventListener("compositionend", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });
  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Escape" && !place.hidden) {
      event.preventDefault();
      close();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (place.hidden) ask();
      else choose(event.key === "ArrowDown" ? chosen + 1 : Math.max(chosen, 0) - 1);
    } else if (event.key === "Enter" && !place.hidden && chosen >= 0) {
      event.preventDefault();
      location.assign(options()[chosen].dataset.href);
    }
  });
  // Before the field loses its focus, or there would be nothing left to click on.
  place.addEventListener("mousedown", (event) => event.preventDefault());
  place.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) location.assign(option.dataset.href);
  });
  field.addEventListener("blur", close);
}
