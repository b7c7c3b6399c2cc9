// The line to the desk: the socket only hints, and what is missing is fetched by its version.
// Where no socket stays open the same fetching goes by the clock.
const SILENT = 45000;
const BEAT = 20000;
const POLL = 4000;
const LONGEST_PAUSE = 30000;

export class Line {
  constructor(slug, tell) {
    this.slug = slug;
    this.tell = tell;
    this.token = "";
    this.hostToken = "";
    this.version = "";
    this.socket = null;
    this.isUp = false;
    this.attempts = 0;
    this.heardAt = 0;
    this.running = null;
    this.isWanted = false;
    this.timers = [];
  }

  // Begin, or begin anew as somebody else: whom the page has signed in, or this browser's stranger.
  async open(hostToken = "") {
    if (this.token && hostToken === this.hostToken) return this.sync();
    this.hostToken = hostToken;
    this.version = "";
    this.token = hostToken ? "" : keep.read(this.slug);
    if (!this.token) await this.renew();
    this.connect();
    this.timers.forEach(clearInterval);
    this.timers = [setInterval(() => this.poll(), POLL), setInterval(() => this.beat(), BEAT)];
    return this.sync();
  }

  async renew() {
    const told = await this.post("session/", { host_token: this.hostToken }, false).catch((error) => {
      if (error.status !== 403) throw error;
      this.hostToken = "";
      return this.post("session/", {}, false);
    });
    this.token = told.token;
    if (!this.hostToken) keep.write(this.slug, told.token);
  }

  address(path) {
    return `/support/chat/${this.slug}/${path}`;
  }

  async request(path, options = {}, mayRenew = true) {
    const headers = { ...options.headers, ...(this.token && { "Anhao-Chat": this.token }) };
    const response = await fetch(this.address(path), { ...options, headers, credentials: "omit", signal: AbortSignal.timeout(60000) });
    if (response.status === 401 && mayRenew) {
      await this.renew();
      this.connect();
      return this.request(path, options, false);
    }
    if (response.ok) return response;
    const told = await response.json().catch(() => ({}));
    throw Object.assign(new Error(told.error ?? "failed"), {
      status: response.status,
      words: told.message ?? "",
      wait: Number(response.headers.get("Retry-After")) || 0,
    });
  }

  async post(path, body, mayRenew = true) {
    const headers = { "Content-Type": "application/json" };
    const response = await this.request(path, { method: "POST", headers, body: JSON.stringify(body) }, mayRenew);
    return response.json();
  }

  // One fetch at a time; asked for meanwhile, it goes once more.
  sync() {
    this.isWanted = true;
    this.running ??= this.run().finally(() => (this.running = null));
    return this.running;
  }

  async run() {
    while (this.isWanted) {
      this.isWanted = false;
      try {
        const response = await this.request(`messages/?since=${encodeURIComponent(this.version)}`);
        const told = await response.json();
        this.tell("reached");
        if (!told.entries) continue;
        this.version = told.version;
        this.tell("window", told);
      } catch {
        this.tell("lost");
      }
    }
  }

  poll() {
    if (!this.isUp && this.token) this.sync();
  }

  beat() {
    if (!this.socket) return;
    if (Date.now() - this.heardAt > SILENT) this.socket.close();
    else this.say({ type: "beat" });
  }

  say(frame) {
    if (this.isUp && this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(frame));
  }

  connect() {
    clearTimeout(this.again);
    const before = this.socket;
    this.socket = null;
    before?.close();
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/ws/chat/`);
    this.socket = socket;
    this.heardAt = Date.now();
    socket.addEventListener("open", () =>
      socket.send(JSON.stringify({ type: "hello", channel: this.slug, token: this.token })),
    );
    socket.addEventListener("message", (event) => this.socket === socket && this.heard(JSON.parse(event.data)));
    socket.addEventListener("close", () => this.socket === socket && this.dropped());
  }

  heard(told) {
    this.heardAt = Date.now();
    if (told.type === "ready") {
      this.isUp = true;
      this.attempts = 0;
      this.tell("up");
      this.sync(); // what happened while nobody listened
    } else if (told.type === "changed" || told.type === "seen") this.sync();
    else this.tell(told.type);
  }

  dropped() {
    this.isUp = false;
    this.socket = null;
    this.tell("down");
    // Half fixed, half at random: when a server returns, not everybody comes at once.
    const span = Math.min(LONGEST_PAUSE, 500 * 2 ** this.attempts++);
    this.again = setTimeout(() => this.connect(), span / 2 + (Math.random() * span) / 2);
  }
}

// What this browser remembers. Where it grants a frame no storage, the page around us keeps it.
const memory = new Map();
export const keep = {
  hand: null,
  isDenied() {
    try {
      localStorage.getItem("");
      return false;
    } catch {
      return true;
    }
  },
  adopt(kept) {
    for (const [name, value] of Object.entries(kept ?? {})) memory.set(name, String(value));
  },
  read(name) {
    return (this.isDenied() ? memory.get(name) : localStorage.getItem(`anhao-chat:${name}`)) ?? "";
  },
  write(name, value) {
    memory.set(name, value);
    try {
      localStorage.setItem(`anhao-chat:${name}`, value);
    } catch {
      this.hand?.(Object.fromEntries(memory));
    }
  },
};
