// The preferences page: asks the browser for its permission when it is needed, says what came of that, plays the sound.
import { canChime, chime } from "./notifications/chime.js";

const wish = document.querySelector("[name=browser_notifications]");
const told = document.querySelector("[data-permission]");
const asking = document.querySelector("[data-ask-permission]");
const WORDS = {
  none: "This browser cannot show notifications here. Most show them only for pages that come over https.",
  denied: "This browser refuses notifications from this site. Allow them in the site's settings, next to the address "
    + "bar, then reload this page.",
  default: "This browser has not allowed notifications yet.",
  granted: "This browser shows them.",
};

const permission = () => (isSecureContext && window.Notification ? Notification.permission : "none");

function tell() {
  const now = permission();
  told.hidden = !wish.checked;
  told.textContent = WORDS[now];
  told.className = `notice ${now === "granted" ? "is-good" : "is-warning"}`;
  asking.hidden = !wish.checked || now !== "default";
}

async function ask() {
  if (wish.checked && permission() === "default") await Notification.requestPermission();
  tell();
}

tell();
wish.addEventListener("change", ask);
asking.addEventListener("click", ask);
document.querySelector("[data-try-sound]").addEventListener("click", async () => { if (await canChime()) chime(); });
