// What the page's socket says, and what the page says to it: which conversation is open, and that somebody is there.
import { changed, conversationChanged, watched } from "./events.js";
import { say } from "./socket.js";
import "./fragments.js";

const STILL_HERE = 20_000;

const live = document.getElementById("live");

// Nobody looks at a page in the background, nor, on a phone, at a draft that the list leaves no room for.
const isSeen = () => !document.hidden && document.querySelector("[data-watch]")?.checkVisibility();

function watch() {
  say({ watch: isSeen() ? watched() : null });
}

// Growing text is for an element that may have gone meanwhile.
const hasPlace = (html) => document.getElementById(html.match(/^<div id="([\w-]+)"/)?.[1]) !== null;

function hear(event) {
  const { message } = event.detail;
  if (!message.startsWith("{")) {
    if (!hasPlace(message)) event.preventDefault();
    return;
  }
  event.preventDefault();
  const said = JSON.parse(message);
  if (said.changed) changed(said.changed);
  if (said.viewed && said.viewed === watched()) conversationChanged();
}

if (live) {
  live.addEventListener("htmx:wsBeforeMessage", hear);
  for (const name of ["lumika:connected", "htmx:afterSwap"]) document.body.addEventListener(name, watch);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) watch(); });
  setInterval(watch, STILL_HERE);
  setInterval(changed, Number(live.dataset.catchUp) * 1000);
}
