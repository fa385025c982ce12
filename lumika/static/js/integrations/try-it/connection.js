// One message as a customer's browser sends it: an EventSource, what it brings, and why it stopped.
// `on.event({id, data, content, at})` for each event, without content where a cut left it broken,
// `on.note(text, kind)` for the rest, `on.state(word)` as it changes.
export class Connection {
  constructor(endpoint, query, on) {
    this.address = `${endpoint}?${new URLSearchParams(query)}`;
    this.on = on;
    this.lastEventId = "";
  }

  open() {
    const resuming = this.lastEventId;
    this.on.state("connecting");
    this.source = new EventSource(this.url);
    this.source.onopen = () => {
      this.on.state("open");
      this.on.note(this.opened ? "Connected again" : "Connected: 200, text/event-stream");
      this.opened = true;
    };
    this.source.onmessage = ({ data, lastEventId }) => {
      this.lastEventId = lastEventId;
      this.on.event({ id: lastEventId, data, content: parsed(data), at: performance.now() });
    };
    this.source.onerror = () => this.lost();
    if (resuming) this.on.note(`Resumed with lastEventId=${resuming}`);
  }

  cut() {
    this.source?.close();
    this.on.state("cut");
  }

  get url() {
    return this.lastEventId ? `${this.address}&lastEventId=${encodeURIComponent(this.lastEventId)}` : this.address;
  }

  lost() {
    if (this.source.readyState === EventSource.CONNECTING) {
      this.on.state("reconnecting");
      this.on.note("The connection ended. The browser reconnects by itself, with Last-Event-ID.");
      return;
    }
    this.on.state("closed");
    this.explain();
  }

  // An EventSource hides the status, so the same request is made again by fetch, which can see it. The
  // clientMessageId makes that safe: nothing is sent twice.
  async explain() {
    const asked = new AbortController();
    try {
      const answer = await fetch(this.url, { signal: asked.signal, cache: "no-store" });
      if (answer.status === 204) {
        this.on.note("204: nothing more is to come, so the browser stops reconnecting.");
      } else if (answer.ok) {
        this.on.note("The connection was refused, but works now. Press Resume.", "is-warning");
      } else {
        const { error } = await answer.json();
        const request = answer.headers.get("X-Request-ID");
        this.on.note(`${answer.status} ${error.code}: ${error.message} (request ${request})`, "is-danger");
      }
    } catch {
      this.on.note("The server cannot be reached. Press Resume to try again.", "is-danger");
    } finally {
      asked.abort();
    }
  }
}

// Safari glues what was left of a cut event to the next connection's first, which is then no JSON.
function parsed(data) {
  try {
    return JSON.parse(data);
  } catch {
    return null;
  }
}
