// What was written and is not stored yet: sent in order, again after every failure, under the id
// that it was given when it was written. So it arrives once.
import { keep } from "./line.js";

const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 20000;

export class Outbox {
  constructor(line, changed, problem) {
    this.line = line;
    this.changed = changed;
    this.problem = problem;
    this.place = `${line.slug}:outbox`;
    this.items = [];
    this.pause = FIRST_PAUSE;
    this.isBusy = false;
  }

  // Letters of an earlier visit that never left belong to this browser's stranger alone.
  recall() {
    try {
      this.items = this.line.hostToken ? [] : JSON.parse(keep.read(this.place) || "[]");
    } catch {
      this.items = [];
    }
    this.flush();
  }

  add(text, files = [], names = [], category = "") {
    const id = crypto.randomUUID?.() ?? [...crypto.getRandomValues(new Uint8Array(16))].map((n) => n.toString(16)).join("-");
    this.items.push({ id, text, files, names, category, at: new Date().toISOString(), state: "sending" });
    this.save();
    this.flush();
  }

  // The desk shows these now.
  arrived(ids) {
    this.items = this.items.filter((item) => !ids.has(item.id));
    this.save();
  }

  save() {
    const unsent = this.items.filter((item) => item.state === "sending" || item.state === "waiting");
    if (!this.line.hostToken) keep.write(this.place, JSON.stringify(unsent));
    this.changed();
  }

  async flush() {
    // While it waits after a failure the timer goes on: a new letter takes its place behind the others.
    if (this.isBusy || this.isStopped) return;
    this.isBusy = true;
    try {
      for (let next = this.next(); next; next = this.next()) await this.send(next);
    } finally {
      this.isBusy = false;
    }
  }

  next() {
    const item = this.items.find(({ state }) => state === "sending" || state === "waiting");
    return this.isStopped ? undefined : item;
  }

  async send(item) {
    const { id, text, files, category } = item;
    try {
      await this.line.post("messages/", { id, text, files, category, language: document.documentElement.lang });
      item.state = "stored";
      this.pause = FIRST_PAUSE;
      this.line.sync();
    } catch (error) {
      if (error.status === 422 || error.status === 413 || error.status === 400) item.state = "refused";
      else {
        item.state = "waiting";
        this.later(error.wait * 1000 || this.pause);
      }
      if (error.status === 429) this.problem("too_many");
    }
    this.save();
  }

  later(pause) {
    this.isStopped = true;
    clearTimeout(this.again);
    this.pause = Math.min(LONGEST_PAUSE, this.pause * 2);
    this.again = setTimeout(() => this.resume(), pause);
  }

  resume() {
    clearTimeout(this.again);
    this.isStopped = false;
    this.flush();
  }
}
