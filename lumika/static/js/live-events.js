// The events that fragments refresh on: "lumika:changed" on the body for any change, "lumika:conversation" for the one
// in [data-watch].
const CALM = 1_000; // a busy workspace changes all the time, and fragments ask their server each time
const SWIFT = 250;

export const watched = () => document.querySelector("[data-watch]")?.dataset.watch ?? null;

export function changed(ids = []) {
  somethingChanged();
  if (!ids.length || ids.includes(watched())) conversationChanged();
}

// The first event passes at once, of those that follow too soon the last.
function paced(name, pause) {
  let timer = null, isMissed = false;
  return function emit() {
    isMissed = timer !== null;
    if (isMissed) return;
    timer = setTimeout(() => { timer = null; if (isMissed) emit(); }, pause);
    document.body.dispatchEvent(new CustomEvent(name));
  };
}

const somethingChanged = paced("lumika:changed", CALM);
export const conversationChanged = paced("lumika:conversation", SWIFT);
