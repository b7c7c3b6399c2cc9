// Put what the desk told on the screen. Every message has an id, so it stands there once.
const PICTURE = new Map();
let words = {};
let icons = "";

export function dress(body) {
  words = JSON.parse(body.dataset.words);
  icons = body.dataset.icons;
  return words;
}

export const at = (id) => document.getElementById(id);
export const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

export function element(tag, className = "", text = "") {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  svg.setAttribute("class", "i");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `${icons}#i-${name}`);
  svg.append(use);
  return svg;
}

// Bring the log in line with the entries; what stands there already is left alone.
export function showEntries(entries, fetchFile) {
  const log = at("log");
  const known = new Map([...log.children].map((each) => [each.dataset.id, each]));
  entries.forEach((entry, place) => {
    const line = known.get(entry.id) ?? written(entry, fetchFile);
    known.delete(entry.id);
    if (entry.files?.some(({ id }) => id) && line.dataset.files !== filesOf(entry)) renewFiles(line, entry, fetchFile);
    setState(line, entry);
    if (log.children[place] !== line) log.insertBefore(line, log.children[place] ?? null);
  });
  for (const gone of known.values()) gone.remove();
}

function written(entry, fetchFile) {
  const line = element("div", entry.own ? "own" : "theirs");
  line.dataset.id = entry.id;
  const who = entry.own ? words.you : entry.author || (entry.automatic ? words.machine : "");
  if (entry.own) line.append(element("span", "sr", `${who}:`));
  else if (who) line.append(element("p", "meta", `${who} ${clock(entry.at)}`));
  if (entry.category) line.append(element("p", "meta filed", `${words.category} ${words.categories[entry.category] ?? entry.category}`));
  if (entry.text) line.append(element("p", "bb", entry.text));
  for (const card of entry.cards ?? []) line.append(solution(card));
  if (entry.question) line.append(element("p", "bb", entry.question));
  renewFiles(line, entry, fetchFile);
  return line;
}

function solution({ title, steps, url }) {
  const box = element("section", "sol");
  const list = element("ol");
  list.append(...steps.map((step) => element("li", "", step)));
  box.append(element("h2", "", title), list);
  if (url) {
    const more = element("a", "", words.more);
    Object.assign(more, { href: url, target: "_blank", rel: "noopener" });
    box.append(more);
  }
  return box;
}

const filesOf = (entry) => (entry.files ?? []).map(({ id, name }) => id || name).join();

function renewFiles(line, entry, fetchFile) {
  for (const old of line.querySelectorAll(".att")) old.remove();
  line.dataset.files = filesOf(entry);
  const state = line.querySelector("[data-state]");
  for (const file of entry.files ?? []) {
    const shown = attachment(file, fetchFile);
    if (state) line.insertBefore(shown, state);
    else line.append(shown);
  }
}

function attachment(file, fetchFile) {
  const shown = element(file.id ? "button" : "span", "att");
  shown.append(icon(file.picture ? "image" : "file"), element("span", "", file.name));
  if (!file.id) return shown;
  shown.type = "button";
  shown.addEventListener("click", async () => {
    const link = element("a");
    link.href = await address(file, fetchFile);
    link.download = file.name;
    link.click();
  });
  if (file.picture) {
    address(file, fetchFile).then((source) => {
      const picture = element("img");
      Object.assign(picture, { src: source, alt: file.name });
      shown.replaceChildren(picture);
    }, () => {});
  }
  return shown;
}

// Files are behind the visitor's token, which an address must not hold.
async function address(file, fetchFile) {
  if (!PICTURE.has(file.id)) PICTURE.set(file.id, URL.createObjectURL(await fetchFile(file.id)));
  return PICTURE.get(file.id);
}

function setState(line, entry) {
  if (!entry.own) return;
  let state = line.querySelector("[data-state]");
  if (!state) line.append((state = element("p", "meta")));
  if (state.dataset.state === entry.state) return;
  state.dataset.state = entry.state;
  // Only what needs an eye is said aloud.
  state.textContent = `${clock(entry.at)} ${words[entry.state] ?? ""}`;
}

const clock = (iso) => new Date(iso).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });

const STATES = {
  bot: () => words.bot,
  queue: ({ team }) => (team ? filled(words.queue, { team }) : words.queue_any),
  away: () => words.away,
  human: () => words.human,
  closed: () => words.closed,
  new: () => words.new,
};

// Who has the word, the case's number, and the place in the queue.
export function showStanding(told) {
  at("dot").dataset.kind = told.standing;
  at("state").textContent = [told.standing === "human" ? told.agent : "", STATES[told.standing]?.(told)].filter(Boolean).join(" · ");
  at("case").hidden = !told.number;
  at("number").textContent = told.number;
  const queue = at("queue");
  queue.hidden = !told.position;
  if (told.standing === "away") {
    const when = new Date(told.opens_at).toLocaleString(document.documentElement.lang, { weekday: "short", hour: "2-digit", minute: "2-digit" });
    at("position").textContent = words.away;
    at("wait").textContent = filled(words.reads_from, { at: when });
  } else if (told.position) {
    at("position").textContent = told.position > 1 ? filled(words.position, { n: told.position - 1 }) : words.first;
    at("wait").textContent = told.wait_minutes ? filled(words.wait, { n: told.wait_minutes }) : "";
  }
  showParts(told.parts ?? []);
}

function showParts(parts) {
  const box = at("parts");
  box.hidden = !parts.some(([, isThere]) => !isThere);
  if (box.hidden) return;
  const list = element("ul");
  for (const [part, isThere] of parts) {
    const item = element("li", isThere ? "" : "no");
    item.append(icon(isThere ? "check" : "warn"), element("span", "", words[part]));
    if (!isThere) {
      const add = element("button", "btn", words.add);
      add.type = "button";
      add.setAttribute("aria-label", `${words.add}: ${words[part]}`);
      add.addEventListener("click", () => {
        at("text").placeholder = words[part];
        at("text").focus();
      });
      item.append(add);
    }
    list.append(item);
  }
  box.replaceChildren(element("h2", "", words.parts), list);
}
