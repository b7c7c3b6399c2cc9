// Send a form once and show how far its files have come; the server answers as without us.

function connect(form) {
  const button = form.querySelector("[type=submit]");
  const box = form.querySelector("[data-progress]");
  const bar = box.querySelector("progress");
  const percent = box.querySelector("[data-percent]");
  const failed = form.querySelector("[data-failed]");
  let request = null;

  function rest() {
    request = null;
    button.removeAttribute("aria-busy");
    button.disabled = false;
    box.hidden = true;
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
    button.setAttribute("aria-busy", "true");
    button.disabled = true;
    failed.hidden = true;
    box.hidden = !hasFiles;
    request.send(new FormData(form));
  }

  function arrive({ status, responseURL, responseText }) {
    // A redirect was followed: where it led is the page to show.
    if (status === 200) {
      location.assign(responseURL + (form.dataset.then ?? ""));
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
    if (!request) send();
  });
  box.querySelector("[data-cancel]").addEventListener("click", () => request?.abort());
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
