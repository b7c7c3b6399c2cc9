// Show the chosen files as a list, send them at once and piece by piece; take dropped and pasted ones.
import { Transfer } from "./transfer.js";

function size(bytes) {
  const format = (value, unit) =>
    new Intl.NumberFormat(document.documentElement.lang, {
      style: "unit", unit, unitDisplay: "short", maximumFractionDigits: 1,
    }).format(value);
  return bytes < 1024 * 1024 ? format(Math.ceil(bytes / 1024), "kilobyte") : format(bytes / 1024 / 1024, "megabyte");
}

function seconds(count) {
  const [value, unit] = count < 90 ? [Math.ceil(count), "second"] : [Math.ceil(count / 60), "minute"];
  return new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit, unitDisplay: "long" }).format(value);
}

function percent(share) {
  return new Intl.NumberFormat(document.documentElement.lang, { style: "percent" }).format(share);
}

function connect(field) {
  const form = field.closest("form");
  const input = field.querySelector("input[type=file]");
  const list = field.querySelector("[data-file-list]");
  const row = field.querySelector("[data-file-row]");
  const words = field.dataset;
  const endings = new Set(input.accept.split(","));
  const most = Number(words.most);
  let chosen = [];
  let turn = Promise.resolve();

  const isTaken = (name) => endings.has(name.slice(name.lastIndexOf(".")).toLowerCase());
  const before = () => list.querySelectorAll("input[type=checkbox][name=kept]:checked").length;

  // Whatever has not arrived by itself is carried by the input, so that it goes with the form.
  function carry() {
    const carrier = new DataTransfer();
    for (const each of chosen) if (!each.hasArrived) carrier.items.add(each.file);
    input.files = carrier.files;
  }

  function problemOf(file, place) {
    if (!isTaken(file.name)) return words.wrongKind;
    if (file.size > Number(words.largest)) return words.tooLarge;
    return place + before() >= most ? words.tooMany : "";
  }

  function drawn(each) {
    const item = row.content.firstElementChild.cloneNode(true);
    item.dataset.chosen = "";
    item.querySelector("[data-name]").textContent = each.file.name;
    item.querySelector("[data-bar]").setAttribute("aria-label", each.file.name);
    const remove = item.querySelector("[data-remove-file]");
    remove.setAttribute("aria-label", `${words.remove} ${each.file.name}`);
    remove.addEventListener("click", () => {
      each.transfer?.cancel();
      item.remove();
      chosen = chosen.filter((other) => other !== each);
      carry();
      judge();
      input.focus();
    });
    return item;
  }

  function say(each, said, isProblem = false) {
    const place = each.item.querySelector("[data-size]");
    place.textContent = said;
    place.classList.toggle("err", isProblem);
  }

  // A file removed may make room for another that was one too many.
  function judge() {
    chosen.forEach((each, place) => {
      if (each.transfer) return;
      const problem = problemOf(each.file, place);
      say(each, problem || size(each.file.size), Boolean(problem));
      if (!problem && words.uploads && each.file.size) begin(each);
    });
  }

  function begin(each) {
    const bar = each.item.querySelector("[data-bar]");
    const began = Date.now();
    each.transfer = new Transfer(each.file, {
      address: words.uploads,
      form: form.elements.form.value,
      token: form.elements.csrfmiddlewaretoken.value,
      changed({ received, isWaiting }) {
        const done = received / each.file.size;
        bar.value = Math.round(100 * done);
        const left = done ? ((Date.now() - began) / 1000) * (1 / done - 1) : 0;
        const told = words.left.replace("{done}", percent(done)).replace("{left}", seconds(left));
        say(each, isWaiting ? words.waiting : told);
      },
    });
    bar.hidden = false;
    turn = turn.then(() => each.transfer.run()).then((outcome) => arrive(each, outcome));
  }

  function arrive(each, { kept, problem }) {
    if (!each.item.isConnected) return;
    each.item.querySelector("[data-bar]").hidden = true;
    if (problem) return say(each, problem, true);
    if (!kept) return say(each, `${size(each.file.size)} · ${words.later}`);
    const token = document.createElement("input");
    Object.assign(token, { type: "hidden", name: "kept", value: kept });
    each.item.append(token);
    each.item.dataset.arrived = "";
    each.hasArrived = true;
    say(each, `${size(each.file.size)} · ${words.arrived}`);
    carry();
  }

  function add(files) {
    const nameOf = (file) => `${file.name}/${file.size}/${file.lastModified}`;
    const known = new Set(chosen.map(({ file }) => nameOf(file)));
    for (const file of [...files].filter((each) => !known.has(nameOf(each)))) {
      const each = { file, transfer: null, hasArrived: false };
      each.item = drawn(each);
      list.append(each.item);
      chosen.push(each);
    }
    carry();
    judge();
  }

  input.addEventListener("change", () => add(input.files));
  form.addEventListener("form:sending", (event) => {
    if (chosen.some((each) => each.transfer && !each.hasArrived)) event.detail.waitFor(turn);
  });
  form.addEventListener("paste", (event) => {
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
