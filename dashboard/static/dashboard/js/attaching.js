// Files that are chosen, pasted or dropped go up at once, with progress, and can be taken away again.
const box = () => document.querySelector("[data-draft-files]");
let going = Promise.resolve();
const token = () => document.querySelector("#reply-form [name=csrfmiddlewaretoken]").value;

function put(file) {
  const place = box();
  const chip = document.createElement("span");
  chip.className = "chip-file is-going";
  const name = document.createElement("span");
  name.className = "trunc";
  name.textContent = file.name;
  const bar = document.createElement("progress");
  bar.max = 100;
  bar.setAttribute("aria-label", file.name);
  chip.append(name, bar);
  place.append(chip);
  if (file.size > Number(place.dataset.largest)) return fail(chip, bar, place.dataset.tooLarge);
  const body = new FormData();
  body.set("csrfmiddlewaretoken", token());
  body.append("file", file);
  const request = new XMLHttpRequest();
  request.upload.addEventListener("progress", ({ loaded, total }) => (bar.value = (100 * loaded) / total));
  return new Promise((done) => {
    request.addEventListener("loadend", () => {
      if (request.status === 200) show(request.responseText, place, chip);
      else fail(chip, bar, request.status === 422 ? request.responseText : place.dataset.tooLarge);
      done();
    });
    request.open("POST", place.dataset.url);
    request.send(body);
  });
}

function show(html, place, chip) {
  const others = [...place.querySelectorAll(".is-going, .is-failed")].filter((each) => each !== chip);
  place.innerHTML = html;
  place.append(...others);
}

function fail(chip, bar, why) {
  chip.classList.replace("is-going", "is-failed");
  const said = document.createElement("small");
  said.setAttribute("role", "alert");
  said.textContent = why;
  bar.replaceWith(said);
  setTimeout(() => chip.remove(), 8000);
}

function putAll(files) {
  for (const file of files) going = going.then(() => put(file));
}

// Settled when all that was put in has gone up: an answer that leaves before would lack its files.
export const uploaded = () => going;

document.addEventListener("change", ({ target }) => {
  if (!target.matches("#reply-form [data-files]")) return;
  const files = [...target.files];
  target.value = "";
  putAll(files);
});

document.addEventListener("paste", (event) => {
  const files = [...(event.clipboardData?.files ?? [])];
  if (event.target.id !== "reply-text" || !files.length) return;
  event.preventDefault();
  putAll(files);
});

document.addEventListener("dragover", (event) => {
  const over = event.target.closest?.("#composer");
  if (!over || !box() || !event.dataTransfer.types.includes("Files")) return;
  event.preventDefault();
  over.classList.add("is-over");
});
document.addEventListener("dragleave", ({ target, relatedTarget }) => {
  const left = target.closest?.("#composer");
  if (left && !left.contains(relatedTarget)) left.classList.remove("is-over");
});
document.addEventListener("drop", (event) => {
  const over = event.target.closest?.("#composer");
  if (!over || !box() || !event.dataTransfer.files.length) return;
  event.preventDefault();
  over.classList.remove("is-over");
  putAll([...event.dataTransfer.files]);
});

document.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-remove-file]");
  if (!button) return;
  const body = new FormData();
  body.set("csrfmiddlewaretoken", token());
  const answer = await fetch(button.dataset.removeFile, { method: "POST", body });
  if (answer.ok) show(await answer.text(), box(), null);
  document.getElementById("reply-text")?.focus();
});
