// A sound and browser notifications for drafts that begin to wait while the page is open, as the person prefers
// (data attributes of #live). What waited before is never new: not on a page that was just opened, not after a gap in
// which the page knew nothing.
import { canChime, chime } from "./chime.js";
import { claim, isLookedAt, showLooking } from "./tabs.js";

const GAP = 180_000;
const SOON = 150;
const MOST_AT_ONCE = 5;
const { drafts: address, sound, notifications } = document.getElementById("live")?.dataset ?? {};
const known = new Set(), shown = new Map();
let looked = 0, timer = null;

async function look() {
  const answer = await fetch(address).catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  const { drafts } = await answer.json();
  const isNews = Date.now() - looked < GAP;
  const fresh = drafts.filter((draft) => !known.has(draft.id));
  looked = Date.now();
  for (const draft of fresh) known.add(draft.id);
  closeAllBut(new Set(drafts.map((draft) => draft.id)));
  if (isNews && fresh.length) await Promise.all([makeHeard(fresh), makeSeen(fresh)]);
}

async function makeHeard(fresh) {
  if (sound !== "on" || !await canChime()) return;
  const ours = await claim("sounded", fresh.map((draft) => draft.id));
  if (ours.length) chime();
}

async function makeSeen(fresh) {
  if (notifications !== "on" || window.Notification?.permission !== "granted" || await isLookedAt(address)) return;
  const ours = await claim("notified", fresh.map((draft) => draft.id));
  for (const draft of fresh.filter(({ id }) => ours.includes(id)).slice(0, MOST_AT_ONCE)) notify(draft);
}

function notify({ id, conversation, url }) {
  try {
    const icon = document.querySelector("link[rel=icon]").href;
    const notification = new Notification(`A draft for ${conversation} waits for approval`, { tag: id, icon });
    notification.onclick = () => { window.focus(); open(url); notification.close(); };
    shown.set(id, notification);
  } catch { /* phones offer the class and refuse its use */ }
}

// Text that somebody has typed stays: then the draft opens beside it.
function open(url) {
  const isTyped = [...document.querySelectorAll("textarea")].some((area) => area.value !== area.defaultValue);
  if (isTyped) window.open(url);
  else location.assign(url);
}

function closeAllBut(waiting) {
  for (const [id, notification] of shown) {
    if (waiting.has(id)) continue;
    notification.close();
    shown.delete(id);
  }
}

if (address) {
  showLooking(address);
  look();
  document.body.addEventListener("lumika:changed", () => {
    clearTimeout(timer);
    timer = setTimeout(look, SOON);
  });
}
