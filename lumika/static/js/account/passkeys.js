// Offers passkeys where the browser has them, and says in words why one was not used.
const SAYINGS = {
  NotAllowedError: "Nothing was confirmed. Try again, and follow what your device asks.",
  InvalidStateError: "This device already has a passkey for this account.",
  SecurityError: "Passkeys work only at the server's own address, over https.",
};
const OTHERWISE = "The passkey did not work. Try again, or use another way.";

if (window.PublicKeyCredential) {
  for (const offer of document.querySelectorAll("[data-passkey]")) offer.hidden = false;
}

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const problem = document.querySelector("[data-passkey-problem]");
  if (!problem) return;
  problem.textContent = SAYINGS[event.detail.exception?.name] ?? OTHERWISE;
  problem.hidden = false;
});
