// Small comforts; every page works without them.
(function () {
  "use strict";

  const narrow = window.matchMedia("(max-width: 62rem)");

  // On a narrow screen the results come first: the filters are folded until asked for.
  function foldFilters(root) {
    if (!narrow.matches) return;
    root.querySelectorAll(".side-fold").forEach(function (fold) {
      fold.open = foldFilters.open === true;
      fold.addEventListener("toggle", function () { foldFilters.open = fold.open; });
    });
  }

  // Bring what is wrong to the person's attention, screen readers included.
  function showErrors() {
    const summary = document.getElementById("error-summary") || document.querySelector(".conflict");
    if (summary) {
      summary.setAttribute("tabindex", "-1");
      summary.focus();
    }
  }

  // A menu closes when the person goes elsewhere.
  document.addEventListener("click", function (event) {
    document.querySelectorAll("details.menu[open]").forEach(function (menu) {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    document.querySelectorAll("details.menu[open]").forEach(function (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  });

  // Answers that say what is wrong with a filter are shown like any other.
  document.addEventListener("htmx:beforeSwap", function (event) {
    if (event.detail.xhr.status === 400) event.detail.shouldSwap = true;
  });
  document.addEventListener("htmx:afterSwap", function (event) { foldFilters(event.target); });

  // What was typed is not lost by leaving the page unawares.
  document.querySelectorAll("form.form").forEach(function (form) {
    let typed = false;
    form.addEventListener("input", function () { typed = true; });
    form.addEventListener("submit", function () { typed = false; });
    window.addEventListener("beforeunload", function (event) { if (typed) event.preventDefault(); });
  });

  foldFilters(document);
  showErrors();
})();
