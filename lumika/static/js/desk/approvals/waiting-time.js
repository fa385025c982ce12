// <time data-waiting-since datetime="…">: how long ago that is, in the server's words, kept up to date; the title says
// it in local time.
const MINUTE = 60, HOUR = 3_600, DAY = 86_400;

function words(seconds) {
  if (seconds < MINUTE) return "just now";
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)} min`;
  return seconds < DAY ? `${Math.floor(seconds / HOUR)} h` : `${Math.floor(seconds / DAY)} d`;
}

function show() {
  for (const time of document.querySelectorAll("[data-waiting-since]")) {
    const since = new Date(time.dateTime);
    const said = words((Date.now() - since) / 1000);
    if (time.textContent !== said) time.textContent = said;
    time.title = `Waits since ${since.toLocaleString()}`;
  }
}

setInterval(show, 15_000);
document.addEventListener("htmx:afterSettle", show);
show();
