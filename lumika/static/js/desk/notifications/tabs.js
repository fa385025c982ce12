// What the tabs of one browser agree on. Web Locks end with their tab, so nothing is left behind by one that died.
const KEPT = 500;
let stopLooking = null;

// Those of the ids that no other tab has taken for this purpose.
export async function claim(purpose, ids) {
  const key = `lumika-${purpose}`;
  const take = () => {
    const taken = JSON.parse(localStorage.getItem(key) ?? "[]");
    const free = ids.filter((id) => !taken.includes(id));
    localStorage.setItem(key, JSON.stringify([...taken, ...free].slice(-KEPT)));
    return free;
  };
  return navigator.locks ? navigator.locks.request(key, take) : take();
}

// From now on this tab counts as looked at while it is visible.
export function showLooking(place) {
  const update = () => {
    if (document.hidden) {
      stopLooking?.();
      stopLooking = null;
    } else if (!stopLooking) {
      const untilHidden = new Promise((done) => { stopLooking = done; });
      navigator.locks?.request(place, { mode: "shared" }, () => untilHidden);
    }
  };
  update();
  document.addEventListener("visibilitychange", update);
}

export async function isLookedAt(place) {
  if (!document.hidden) return true;
  const state = await navigator.locks?.query();
  return Boolean(state?.held.some((lock) => lock.name === place));
}
