// Show the chosen files as a list; take dropped and pasted ones; let each be removed.

function size(bytes) {
  const format = (value, unit) =>
    new Intl.NumberFormat(document.documentElement.lang, {
      style: "unit", unit, unitDisplay: "short", maximumFractionDigits: 1,
    }).format(value);
  return bytes < 1024 * 1024 ? format(Math.ceil(bytes / 1024), "kilobyte") : format(bytes / 1024 / 1024, "megabyte");
}

function connect(field) {
  const input = field.querySelector("input[type=file]");
  const list = field.querySelector("[data-file-list]");
  const row = field.querySelector("[data-file-row]");
  const endings = new Set(input.accept.split(","));
  const most = Number(field.dataset.most);
  let chosen = [];

  const isTaken = (name) => endings.has(name.slice(name.lastIndexOf(".")).toLowerCase());
  const kept = () => list.querySelectorAll("input[name=kept]:checked").length;

  // The input itself carries the files, so that the form is sent the same way with or without us.
  function keep(files) {
    chosen = files;
    const carrier = new DataTransfer();
    for (const file of files) carrier.items.add(file);
    input.files = carrier.files;
    for (const old of list.querySelectorAll("[data-chosen]")) old.remove();
    files.forEach((file, place) => list.append(drawn(file, place)));
  }

  function drawn(file, place) {
    const item = row.content.firstElementChild.cloneNode(true);
    const problem = !isTaken(file.name) ? field.dataset.wrongKind
      : file.size > Number(field.dataset.largest) ? field.dataset.tooLarge
      : place + kept() >= most ? field.dataset.tooMany : "";
    item.dataset.chosen = "";
    item.querySelector("[data-name]").textContent = file.name;
    item.querySelector("[data-size]").textContent = problem || size(file.size);
    item.querySelector("[data-size]").classList.toggle("err", Boolean(problem));
    const remove = item.querySelector("[data-remove-file]");
    remove.setAttribute("aria-label", `${field.dataset.remove} ${file.name}`);
    remove.addEventListener("click", () => {
      keep(chosen.filter((other) => other !== file));
      input.focus();
    });
    return item;
  }

  function add(files) {
    const known = new Set(chosen.map((file) => `${file.name}/${file.size}/${file.lastModified}`));
    const fresh = [...files].filter((file) => !known.has(`${file.name}/${file.size}/${file.lastModified}`));
    keep([...chosen, ...fresh]);
  }

  input.addEventListener("change", () => add(input.files));
  field.closest("form").addEventListener("paste", (event) => {
    if (event.clipboardData.files.length === 0) return;
    event.preventDefault();
    add(event.clipboardData.files);
  });
  const drop = field.querySelector("[data-drop]");
  // The list below says what was chosen, which the bare input would say again.
  for (const part of drop.querySelectorAll("[hidden]")) part.hidden = false;
  input.classList.add("sr");
  drop.addEventListener("dragover", (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    add(event.dataTransfer.files);
  });
}

function connectAll(root) {
  for (const field of root.querySelectorAll("[data-files]")) connect(field);
}

connectAll(document);
document.addEventListener("page:shown", (event) => connectAll(event.target));
