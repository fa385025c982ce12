// The raw events, newest last: milliseconds since the send, the gap before, type, offset, id, and the JSON on demand.
const KINDS = {
  accepted: "is-accent", final: "is-good", pending: "is-warning", reset: "is-warning", broken: "is-warning",
  error: "is-danger",
};

export class EventLog {
  constructor(list, eventRow, noteRow) {
    this.list = list;
    this.eventRow = eventRow;
    this.noteRow = noteRow;
    this.clear();
  }

  clear() {
    this.list.replaceChildren();
    this.begin();
  }

  // The time from which the milliseconds count: a send.
  begin() {
    this.sentAt = this.lastAt = performance.now();
  }

  event({ id, data, content, at }) {
    const row = this.eventRow.content.cloneNode(true);
    const type = content?.type ?? "broken";
    const fill = (name, text) => { row.querySelector(`[data-${name}]`).textContent = text; };
    fill("ms", this.since(at));
    fill("gap", `+${Math.round(at - this.lastAt)}`);
    fill("type", type);
    fill("offset", id.split(".")[2] ?? "");
    fill("id", `…${id.slice(-14)}`);
    fill("raw", `data: ${data}\nid: ${id}`);
    if (KINDS[type]) row.querySelector("[data-type]").classList.add(KINDS[type]);
    this.lastAt = at;
    this.add(row);
  }

  note(text, kind = "") {
    const row = this.noteRow.content.cloneNode(true);
    row.querySelector("[data-ms]").textContent = this.since(performance.now());
    row.querySelector("[data-text]").textContent = text;
    if (kind) row.firstElementChild.classList.add(kind);
    this.add(row);
  }

  since(at) {
    return String(Math.round(at - this.sentAt));
  }

  add(row) {
    const { list } = this;
    const isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
    list.append(row);
    if (isAtEnd) list.scrollTop = list.scrollHeight;
  }
}
