// Files on their way into the next message: each is received at once and waits for the words.
import { at, element, icon } from "./show.js";

const LARGEST = 20 * 1024 * 1024;
const MOST = 5;

export class Files {
  constructor(line, words, problem) {
    this.line = line;
    this.words = words;
    this.problem = problem;
    this.ready = [];
    this.coming = 0;
    at("file").addEventListener("change", ({ target }) => {
      for (const file of target.files) this.take(file);
      target.value = "";
    });
    document.addEventListener("paste", ({ clipboardData }) => {
      for (const file of clipboardData?.files ?? []) this.take(file);
    });
    const body = document.body;
    body.addEventListener("dragover", (event) => event.preventDefault());
    body.addEventListener("drop", (event) => {
      event.preventDefault();
      for (const file of event.dataTransfer?.files ?? []) this.take(file);
    });
  }

  get isBusy() {
    return this.coming > 0;
  }

  async take(file) {
    if (file.size > LARGEST) return this.problem(`${file.name}: ${this.words.too_large}`);
    if (this.ready.length + this.coming >= MOST) return;
    const row = this.row(file.name);
    this.coming++;
    const body = new FormData();
    body.append("file", file);
    try {
      const received = await (await this.line.request("files/", { method: "POST", body })).json();
      this.ready.push({ token: received.file, name: received.name, row });
      row.querySelector("button").hidden = false;
      row.removeAttribute("aria-busy");
    } catch (error) {
      row.remove();
      this.problem(error.words || `${file.name}: ${this.words.upload}`);
    } finally {
      this.coming--;
    }
  }

  row(name) {
    const row = element("li");
    const remove = element("button", "btn btn--quiet");
    remove.type = "button";
    remove.hidden = true;
    remove.setAttribute("aria-label", `${this.words.remove}: ${name}`);
    remove.append(icon("x"));
    remove.addEventListener("click", () => {
      this.ready = this.ready.filter((each) => each.row !== row);
      row.remove();
      at("text").focus();
    });
    row.setAttribute("aria-busy", "true");
    row.append(icon("file"), element("span", "", name), remove);
    at("uploads").append(row);
    return row;
  }

  // What goes with the message that is sent now.
  taken() {
    const taken = this.ready;
    this.ready = [];
    for (const { row } of taken) row.remove();
    return taken;
  }
}
