// What the customer would see: bubbles, the reply as it grows, and plain words for every state.
const PENDING = {
  awaiting_approval: "pending: a draft waits for approval. The customer sees no text until an agent approves it; "
    + "then it arrives here.",
  no_responder: "pending: nobody replies by machine. An agent's answer arrives here.",
};

const SHOWN = ["partial", "reset", "final", "pending", "error"];

export class Chat {
  constructor(element) {
    this.element = element;
    this.clear();
  }

  clear() {
    this.element.replaceChildren();
    this.reply = null;
  }

  sent(text) {
    this.reply = null;
    this.add("bubble is-customer", text);
    this.element.setAttribute("aria-busy", "true");
  }

  show(event) {
    if (SHOWN.includes(event.type)) this[event.type](event);
    if (["final", "pending", "error"].includes(event.type)) this.settle();
    this.element.scrollTop = this.element.scrollHeight;
  }

  partial({ delta }) {
    this.reply ??= this.add("bubble is-assistant is-growing", "");
    this.reply.append(delta);
  }

  reset() {
    this.reply?.remove();
    this.reply = null;
    this.add("chat-note is-warning", "reset: the reply starts over, so the text so far was dropped.");
  }

  final({ message }) {
    this.reply ??= this.add("bubble is-assistant", "");
    this.reply.textContent = message.body;
    const sources = message.data.sources?.map(({ title }) => title).join(", ");
    const author = message.data.author.replace("_", ", ");
    this.add("chat-note", `final: from ${author}${sources ? `, sources: ${sources}` : ""}`);
  }

  pending({ reason }) {
    this.add("chat-note is-warning", PENDING[reason] ?? `pending: ${reason}`);
  }

  error({ code, message, retryable }) {
    const advice = retryable ? "Sending it again may help." : "Somebody has to change the responder first.";
    this.add("chat-note is-danger", `error ${code}: ${message} ${advice}`);
  }

  // The request was refused, or cut: nothing more comes by itself.
  note(text, kind) {
    this.add(`chat-note ${kind}`, text);
    this.settle();
    this.element.scrollTop = this.element.scrollHeight;
  }

  settle() {
    this.reply?.classList.remove("is-growing");
    this.element.removeAttribute("aria-busy");
  }

  add(classes, text) {
    const part = document.createElement(classes.startsWith("bubble") ? "div" : "p");
    part.className = classes;
    part.textContent = text;
    this.element.append(part);
    return part;
  }
}
