// On phones the sidebar is a bar with a button. Without JavaScript it stays open.
const sidebar = document.querySelector("[data-sidebar]");
const toggle = document.querySelector("[data-sidebar-toggle]");
toggle?.addEventListener("click", () => {
  const open = sidebar.toggleAttribute("data-open");
  toggle.setAttribute("aria-expanded", String(open));
});
