// Keeps the page's one socket open (#live, opened by htmx's ws extension). Whatever ends it, it is opened again: after
// a pause that grows, or at once when the computer wakes up or is online again.
import { back, lost, over } from "./bar.js";

const REFUSALS = [4401, 4404];
const SHORTEST = 500;
const LONGEST = 8_000;
const NEVER = 2 ** 31 - 1;

const live = document.getElementById("live");
let socket = null, wrapper = null, heard = Date.now();
let isAdmitted = false, isOver = false;
let failures = 0, retrying = null;

export function say(words) {
  if (isAdmitted && socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(words));
}

// Signed out, or no member any more: opening it again would be refused again.
export function end() {
  isOver = true;
  over();
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

// A socket that fell silent is dead, whatever it says of itself: a laptop slept, or a network went away.
function check() {
  if (isOver || retrying || Date.now() - heard < Number(live.dataset.silence) * 1000) return;
  lost();
  open();
}

function hurry() {
  check();
  if (retrying) open();
}

function hear({ detail }) {
  heard = Date.now();
  wrapper = detail.socketWrapper;
  if (isAdmitted) return;
  isAdmitted = true;
  failures = 0;
  back();
  document.body.dispatchEvent(new CustomEvent("lumika:connected"));
}

function close({ detail }) {
  if (detail.event.target !== socket) return;
  wrapper = detail.socketWrapper;
  const isRefused = REFUSALS.includes(detail.event.code);
  if (isRefused && !isAdmitted) return end();
  isAdmitted = false;
  lost();
  if (isRefused) open(); // another tab may have a new session: one more try tells
  else openLater();
}

if (live) {
  htmx.config.wsReconnectDelay = () => NEVER; // it is decided here, for all codes and not for some
  htmx.createWebSocket = (url) => { heard = Date.now(); isAdmitted = false; return socket = new WebSocket(url); };
  live.addEventListener("htmx:wsBeforeMessage", hear);
  live.addEventListener("htmx:wsClose", close);
  setInterval(check, 2_000);
  for (const name of ["online", "pageshow", "focus"]) window.addEventListener(name, hurry);
  for (const name of ["visibilitychange", "resume"]) document.addEventListener(name, hurry);
}
