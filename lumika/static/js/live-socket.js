// Keeps the page's one socket open (#live, opened by htmx's ws extension), and says so when it is not. Whatever ends
// it, it is opened again: after a pause that grows, or at once when the computer wakes up or is online again.
const FOR_GOOD = [4401, 4404];
const SHORTEST = 500;
const LONGEST = 8_000;
const NEVER = 2 ** 31 - 1;

const live = document.getElementById("live");
const milliseconds = (name) => Number(live.dataset[name]) * 1000;
let socket = null, wrapper = null, heard = Date.now();
let isAdmitted = false, isOver = false;
let failures = 0, retrying = null, telling = null;

export function say(words) {
  if (isAdmitted && socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(words));
}

function open() {
  clearTimeout(retrying);
  retrying = null;
  if (isOver || !wrapper) return;
  if (socket.readyState !== WebSocket.CLOSED) {
    socket.onclose = socket.onopen = socket.onerror = null;
    socket.close();
  }
  wrapper.reconnect();
}

function openLater() {
  const pause = Math.min(LONGEST, SHORTEST * 2 ** failures++);
  retrying ??= setTimeout(open, pause * (0.5 + Math.random() / 2));
}

function isLost() {
  isAdmitted = false;
  telling ??= setTimeout(() => { document.getElementById("live-lost").hidden = false; }, milliseconds("patience"));
}

function isBack() {
  isAdmitted = true;
  failures = 0;
  keepQuiet();
  document.body.dispatchEvent(new CustomEvent("lumika:connected"));
}

function keepQuiet() {
  clearTimeout(telling);
  telling = null;
  document.getElementById("live-lost").hidden = true;
}

// A socket that fell silent is dead, whatever it says of itself: a laptop slept, or a network went away.
function check() {
  if (isOver || retrying || Date.now() - heard < milliseconds("silence")) return;
  isLost();
  open();
}

function hurry() {
  check();
  if (retrying) open();
}

if (live) {
  htmx.config.wsReconnectDelay = () => NEVER; // it is decided here, for all codes and not for some
  htmx.createWebSocket = (url) => { heard = Date.now(); isAdmitted = false; return socket = new WebSocket(url); };
  live.addEventListener("htmx:wsBeforeMessage", (event) => {
    if (!isAdmitted) isBack();
    heard = Date.now();
    ({ socketWrapper: wrapper } = event.detail);
  });
  live.addEventListener("htmx:wsClose", (event) => {
    if (event.detail.event.target !== socket) return;
    const isRefused = !isAdmitted && FOR_GOOD.includes(event.detail.event.code);
    ({ socketWrapper: wrapper } = event.detail);
    if (isRefused) end();
    else { isLost(); openLater(); }
  });
  setInterval(check, 2_000);
  for (const name of ["online", "pageshow", "focus"]) window.addEventListener(name, hurry);
  for (const name of ["visibilitychange", "resume"]) document.addEventListener(name, hurry);
  window.addEventListener("pagehide", keepQuiet);
}

// Signed out, or no member any more: opening it again would be refused again.
export function end() {
  isOver = true;
  keepQuiet();
  document.getElementById("live-over").hidden = false;
}
