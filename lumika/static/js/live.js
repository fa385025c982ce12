// The page's socket says which conversations changed; here that turns into events that fragments refresh on:
// "lumika:changed" on the body for any change, "lumika:conversation" for the one in [data-watch].
const CLOSED_FOR_GOOD = [4401, 4403, 4404];
const SILENCE = 25_000;
const CATCH_UP = 60_000;

const live = document.getElementById("live");
const bar = document.getElementById("live-lost");
let socket = null;
let heard = Date.now();
let isOver = false;

const emit = (name) => document.body.dispatchEvent(new CustomEvent(name));
const watched = () => document.querySelector("[data-watch]")?.dataset.watch ?? null;

function changed(ids) {
  emit("lumika:changed");
  if (!ids.length || ids.includes(watched())) emit("lumika:conversation");
}

function watch() {
  socket?.sendImmediately(JSON.stringify({ watch: watched() }));
}

function reconnect() {
  heard = Date.now();
  socket?.reconnect();
}

live?.addEventListener("htmx:wsOpen", (event) => {
  socket = event.detail.socketWrapper;
  heard = Date.now();
  bar.hidden = true;
  watch();
  changed([]);
});

live?.addEventListener("htmx:wsClose", (event) => {
  socket = event.detail.socketWrapper;
  isOver = CLOSED_FOR_GOOD.includes(event.detail.event.code);
  bar.hidden = false;
});

live?.addEventListener("htmx:wsBeforeMessage", (event) => {
  heard = Date.now();
  if (!event.detail.message.startsWith("{")) return;
  event.preventDefault();
  const said = JSON.parse(event.detail.message);
  if (said.changed) changed(said.changed);
});

document.body.addEventListener("htmx:afterSwap", () => { if (socket && !isOver) watch(); });

// A socket that fell silent is dead, whatever it says of itself: a laptop slept, or a network went away.
setInterval(() => { if (!isOver && Date.now() - heard > SILENCE) reconnect(); }, 5_000);
setInterval(() => changed([]), CATCH_UP);
