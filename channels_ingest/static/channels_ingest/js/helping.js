// While somebody types: offer what may solve it, ask kindly for what is missing. It never stops anybody.
const QUIET = 700; // milliseconds after the last key
const ASKED = ["phenomenon", "steps", "error_message", "known_number"];
const live = document.getElementById("live");

function connect(region) {
  const form = region.closest("form");
  let timer = 0;
  let asking = null;
  let shown = "";

  async function ask() {
    asking?.abort();
    asking = new AbortController();
    const body = new FormData();
    for (const name of ASKED) body.append(name, form.elements[name]?.value ?? "");
    body.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    try {
      const answer = await fetch(region.dataset.help, { method: "POST", body, signal: asking.signal });
      if (answer.ok) show(await answer.json());
    } catch {
      // Without help the form is as good as ever.
    }
  }

  function show({ html, number }) {
    judge(form.elements.known_number, number);
    if (html === shown) return; // what is unfolded stays so
    shown = html;
    const found = new DOMParser().parseFromString(html, "text/html").body;
    keepInPlace(() => {
      region.replaceChildren(...found.childNodes);
      region.hidden = !region.firstElementChild;
    });
    live.textContent = region.querySelector("[data-summary]")?.textContent ?? "";
  }

  form.addEventListener("input", (event) => {
    if (!ASKED.includes(event.target.name)) return;
    clearTimeout(timer);
    timer = setTimeout(ask, QUIET);
  });
}

// Nothing moves under the hand: the field in use stays where it is on the screen.
function keepInPlace(change) {
  const used = document.activeElement;
  const before = used.getBoundingClientRect().top;
  change();
  if (used !== document.body) scrollBy(0, used.getBoundingClientRect().top - before);
}

// Say beside the field, at once, what is wrong with its number.
function judge(field, problem) {
  if (!field || document.getElementById(`${field.id}_error`)) return; // the server has said it
  const id = `${field.id}_at_once`;
  const described = (field.getAttribute("aria-describedby") ?? "").split(" ").filter((each) => each && each !== id);
  document.getElementById(id)?.remove();
  if (problem) {
    const said = document.createElement("span");
    Object.assign(said, { id, className: "err", textContent: problem });
    field.after(said);
    described.push(id);
    live.textContent = problem;
    field.setAttribute("aria-invalid", "true");
  } else {
    field.removeAttribute("aria-invalid");
  }
  field.setAttribute("aria-describedby", described.join(" "));
}

function connectAll(root) {
  for (const region of root.querySelectorAll("[data-help]")) connect(region);
}

connectAll(document);
document.addEventListener("page:shown", (event) => connectAll(event.target));
