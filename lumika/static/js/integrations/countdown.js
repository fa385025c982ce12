// <time data-countdown datetime="…">: says in how long that will be, in two units, and goes on counting.
const UNITS = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];

function words(seconds) {
  if (seconds <= 0) return "ended";
  const first = UNITS.findIndex(([, size]) => seconds >= size);
  let rest = seconds;
  return "in " + UNITS.slice(first, first + 2).map(([unit, size]) => {
    const number = Math.floor(rest / size);
    rest %= size;
    return `${number} ${unit}`;
  }).join(" ");
}

function show() {
  for (const time of document.querySelectorAll("[data-countdown]")) {
    time.textContent = words(Math.floor((Date.parse(time.dateTime) - Date.now()) / 1000));
  }
}

if (document.querySelector("[data-countdown]")) {
  show();
  setInterval(show, 1000);
}
