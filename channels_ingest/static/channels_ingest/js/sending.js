// Send a form once and show how far its files have come; the server answers as without us.

function connect(form) {
  const button = form.querySelector("[type=submit]");
  const box = form.querySelector("[data-progress]");
  const bar = box.querySelector("progress");
  const percent = box.querySelector("[data-percent]");
  const failed = form.querySelector("[data-failed]");
  let request = null;
  let waiting = null;

  function rest() {
    request = waiting = null;
    button.removeAttribute("aria-busy");
    button.disabled = false;
    box.hidden = true;
  }

  // Others may have something to finish first: files that are still on their way.
  async function prepare() {
    const waits = [];
    form.dispatchEvent(new CustomEvent("form:sending", { detail: { waitFor: (each) => waits.push(each) } }));
    const own = (waiting = {});
    button.setAttribute("aria-busy", "true");
    button.disabled = true;
    failed.hidden = true;
    if (waits.length) {
      bar.removeAttribute("value");
      percent.textContent = "";
      box.hidden = false;
      await Promise.all(waits);
    }
    if (waiting === own) send();
  }

  function send() {
    const hasFiles = [...form.querySelectorAll("input[type=file]")].some((input) => input.files.length);
    request = new XMLHttpRequest();
    request.open("POST", form.getAttribute("action") || location.href);
    request.upload.addEventListener("progress", (event) => {
      const done = event.total ? Math.round((100 * event.loaded) / event.total) : 0;
      bar.value = done;
      percent.textContent = `${done}%`;
    });
    request.addEventListener("load", () => arrive(request));
    request.addEventListener("error", () => {
      rest();
      failed.hidden = false;
    });
    request.addEventListener("abort", rest);
    box.hidden = !hasFiles;
    request.send(new FormData(form));
  }

  function arrive({ status, responseURL, responseText }) {
    // A redirect was followed: where it led is the page to show.
    if (status === 200) {
      const isHere = responseURL === location.href.split("#")[0];
      location.assign(responseURL + (form.dataset.then ?? ""));
      // To go to another place of the same page would leave it as it was before.
      if (isHere) location.reload();
      return;
    }
    rest();
    const answer = new DOMParser().parseFromString(responseText, "text/html").querySelector("main");
    if (!answer) {
      failed.hidden = false;
      return;
    }
    show(answer);
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!request && !waiting) prepare();
  });
  box.querySelector("[data-cancel]").addEventListener("click", () => (request ? request.abort() : rest()));
}

function show(answer) {
  const main = document.querySelector("main");
  main.replaceChildren(...answer.childNodes);
  connectAll(main);
  main.dispatchEvent(new CustomEvent("page:shown", { bubbles: true }));
  // What no single field can show comes first.
  const first = main.querySelector("#problems[data-first]") ?? main.querySelector("[aria-invalid=true]");
  const target = first ?? main.querySelector("#problems");
  target?.focus({ preventScroll: true });
  target?.scrollIntoView({ block: "center" });
}

function connectAll(root) {
  for (const form of root.querySelectorAll("[data-send]")) connect(form);
}

connectAll(document);
