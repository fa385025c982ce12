// The console: asks for the token when Start is pressed, then sends as a customer's browser would.
import { Chat } from "./chat.js";
import { Connection } from "./connection.js";
import { EventLog } from "./event-log.js";
import { newKey } from "./message-key.js";

const page = document.querySelector("[data-try-it]");
const find = (name) => page.querySelector(`[data-${name}]`);
const startForm = find("start-form"), composer = find("composer"), cut = find("cut"), resume = find("resume");
const chat = new Chat(find("chat"));
const log = new EventLog(find("events"), find("event-row"), find("note-row"));
const WORDS = { connecting: "Connecting…", open: "Open", reconnecting: "Reconnecting…", cut: "Cut", closed: "Closed" };
let thread = {}, connection = null;

async function start() {
  find("start-error").hidden = true;
  const answer = await fetch(location.pathname, { method: "POST", body: new FormData(startForm) }).catch(() => null);
  const body = await answer?.json().catch(() => null);
  if (!answer?.ok || !body) {
    find("start-error").textContent = body?.message ?? "That did not work. Reload the page and try again.";
    find("start-error").hidden = false;
    return;
  }
  connection?.cut();
  [thread, connection] = [body, null];
  chat.clear();
  log.clear();
  showConversation();
  showState("");
  find("start-card").hidden = true;
  find("console").hidden = false;
  composer.text.focus();
}

function send(text) {
  connection?.cut();
  chat.sent(text);
  log.begin();
  log.note("Sent");
  const query = { ...thread, clientMessageId: newKey(), textContent: text };
  connection = new Connection(page.dataset.endpoint, query, { event: receive, note, state: showState });
  connection.open();
}

function receive(event) {
  const { content } = event;
  log.event(event);
  if (content?.type === "accepted") thread.conversationId = content.conversationId;
  showConversation();
  if (content) chat.show(content);
}

function note(text, kind) {
  log.note(text, kind);
  if (kind) chat.note(text, kind);
}

function showConversation() {
  find("conversation-id").textContent = thread.conversationId ?? "new conversation";
}

function showState(state) {
  find("state").textContent = WORDS[state] ?? "Nothing sent yet";
  cut.disabled = !["connecting", "open", "reconnecting"].includes(state);
  resume.disabled = !["cut", "closed"].includes(state);
}

startForm.addEventListener("submit", (event) => { event.preventDefault(); start(); });
startForm.querySelector("button").disabled = false;
find("new").addEventListener("click", start);
cut.addEventListener("click", () => {
  connection.cut();
  note("You cut the connection. The reply goes on without it.", "is-warning");
});
resume.addEventListener("click", () => connection.open());
composer.text.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  composer.requestSubmit();
});
composer.addEventListener("submit", (event) => {
  event.preventDefault();
  send(composer.text.value);
  composer.text.value = "";
});
