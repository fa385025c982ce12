// The events that fragments refresh on: "lumika:changed" on the body for any change, "lumika:conversation" for the one
// in [data-watch].
const CALM = 1_000; // a busy workspace changes all the time, and fragments ask their server each time
const SWIFT = 250;

export const watched = () => document.querySelector("[data-watch]")?.dataset.watch ?? null;

export let newsAt = 0; // when it was last heard that something changed

export function changed(ids = []) {
  newsAt = performance.now();
  somethingChanged();
  if (!ids.length || ids.includes(watched())) theConversationChanged();
}

export function conversationChanged() {
  newsAt = performance.now();
  theConversationChanged();
}

// Fragments ask once more. It is no news, or slow answers would make each other ask for ever.
export function askAgain() {
  somethingChanged();
  theConversationChanged();
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
const theConversationChanged = paced("lumika:conversation", SWIFT);
