// Send one file in pieces. After a break it goes on where the server says that it is.
const SMALLEST = 32 * 1024;
const MOST_TRIES = 8; // in a row without getting any further
const PATIENCE = 60_000; // milliseconds for one piece

export class Transfer {
  constructor(file, { address, form, token, changed }) {
    this.file = file;
    this.start = address;
    this.form = form;
    this.token = token;
    this.changed = changed;
    this.key = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
    this.received = 0;
    this.tries = 0;
    this.isCancelled = false;
  }

  // What became of the file: { kept } or { problem }; {} where the line never came back.
  async run() {
    let known = await this.persist(() => this.begin());
    while (known && !this.isCancelled) {
      if (known.kept || known.problem) return known;
      this.address = known.address;
      this.received = known.received;
      this.most ??= known.piece;
      this.piece = Math.min(this.piece ?? known.piece, this.most);
      known = await this.persist(() => this.next());
    }
    return {};
  }

  cancel() {
    this.isCancelled = true;
    this.request?.abort();
    if (this.address) this.ask("DELETE", this.address).catch(() => {});
  }

  begin() {
    const body = new FormData();
    const said = { form: this.form, key: this.key, name: this.file.name, size: this.file.size, type: this.file.type };
    for (const [name, value] of Object.entries(said)) body.append(name, value);
    return this.ask("POST", this.start, { body });
  }

  async next() {
    if (this.mustAsk) {
      const known = await this.ask("GET", this.address);
      this.mustAsk = false;
      return known;
    }
    const body = this.file.slice(this.received, this.received + this.piece);
    const known = await this.ask("PATCH", this.address, { body, offset: this.received });
    this.piece *= 2;
    return known;
  }

  // Do it until it works; null where it cannot, or not for long.
  async persist(step) {
    while (!this.isCancelled) {
      try {
        const known = await step();
        if (known.received > this.received) this.tries = 0;
        return known;
      } catch (failure) {
        this.tries += 1;
        if (failure.isFinal || this.tries > MOST_TRIES) return null;
        this.mustAsk = Boolean(this.address);
        this.piece = Math.max(SMALLEST, (this.piece ?? SMALLEST) / 2);
        this.changed({ received: this.received, isWaiting: true });
        await this.pause(failure.wait ?? Math.min(30_000, 500 * 2 ** this.tries));
      }
    }
    return null;
  }

  pause(milliseconds) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      addEventListener("online", () => { clearTimeout(timer); resolve(); }, { once: true });
    });
  }

  ask(method, address, { body = null, offset = null } = {}) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      this.request = request;
      request.open(method, address);
      request.timeout = PATIENCE;
      request.setRequestHeader("X-CSRFToken", this.token);
      if (offset !== null) {
        request.setRequestHeader("Upload-Offset", offset);
        request.setRequestHeader("Content-Type", "application/octet-stream");
        request.upload.addEventListener("progress", ({ loaded }) => this.changed({ received: offset + loaded }));
      }
      request.addEventListener("load", () => settle(request, resolve, reject));
      for (const event of ["error", "timeout", "abort"]) request.addEventListener(event, () => reject({}));
      request.send(body);
    });
  }
}

function settle(request, resolve, reject) {
  const { status } = request;
  // 409 is an answer too: it says where to go on. 422 says why the file is not taken.
  if ([200, 201, 409, 422].includes(status)) {
    try {
      resolve(JSON.parse(request.responseText));
    } catch {
      reject({}); // somebody on the way answered in our place
    }
  } else if (status === 429) reject({ wait: 1000 * Math.min(60, Number(request.getResponseHeader("Retry-After")) || 5) });
  else reject({ isFinal: status >= 401 && status < 500 });
}
