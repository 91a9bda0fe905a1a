// Swagger's own dark sheet hangs on a class; the page itself is light in every sheet of theirs
if (matchMedia("(prefers-color-scheme: dark)").matches) {
  document.documentElement.classList.add("dark-mode");
  document.body.style.background = "transparent";
}
{% include "drf_spectacular/swagger_ui.js" %}
