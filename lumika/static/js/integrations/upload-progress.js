// <form hx-post data-upload-progress> with a [data-upload-bar]: shows how much was sent, then that the server is busy.
const FAILED = "The upload did not get through, and nothing was imported. Try again.";

document.addEventListener("htmx:xhr:progress", (event) => {
  const bar = event.target.closest?.("[data-upload-progress]")?.querySelector("[data-upload-bar]");
  if (!bar || !event.detail.lengthComputable) return;
  const share = Math.round((event.detail.loaded / event.detail.total) * 100);
  bar.hidden = false;
  bar.querySelector("progress").value = share;
  const words = share < 100 ? `Sending… ${share} %` : "Sent. Reading the files…";
  bar.querySelector("[data-upload-label]").textContent = words;
});

for (const failure of ["htmx:sendError", "htmx:responseError"]) {
  document.addEventListener(failure, (event) => {
    const bar = event.target.closest?.("[data-upload-progress]")?.querySelector("[data-upload-bar]");
    if (!bar) return;
    bar.hidden = false;
    bar.querySelector("[data-upload-label]").textContent = FAILED;
  });
}
