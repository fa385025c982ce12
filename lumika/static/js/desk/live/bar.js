// The quiet bar: the connection is lost, which is said only when it stays lost for a while, or listening is over.
const live = document.getElementById("live");
const bar = (name) => document.getElementById(`live-${name}`);
let telling = null;

export function lost() {
  telling ??= setTimeout(() => { bar("lost").hidden = false; }, Number(live.dataset.patience) * 1000);
}

export function back() {
  clearTimeout(telling);
  telling = null;
  bar("lost").hidden = true;
}

export function over() {
  back();
  bar("over").hidden = false;
}

if (live) window.addEventListener("pagehide", back); // leaving the page ends its socket too, and is no loss
