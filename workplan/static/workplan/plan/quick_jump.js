// The box that "/" opens: type a reference, a body or the name of a page, and go there.
(function () {
  "use strict";

  const form = document.querySelector("form[data-jump]");
  if (!form || !window.HTMLDialogElement) return;

  const opener = form.querySelector(".quick-open");
  const KEY = "apta:jump-key";
  const PAUSE = 120;
  let box = null, input, list, said, targets = [], active = -1, serial = 0, timer = 0, waiting = null;

  function keyIsOn() {
    try { return localStorage.getItem(KEY) !== "off"; } catch (refused) { return true; }
  }

  function element(name, attributes, text) {
    const made = document.createElement(name);
    Object.keys(attributes || {}).forEach(function (one) { made.setAttribute(one, attributes[one]); });
    if (text) made.textContent = text;
    return made;
  }

  function build() {
    box = element("dialog", { class: "quick", "aria-label": "Go to" });
    const inner = element("form", { method: "dialog", class: "quick-form" });
    inner.append(element("label", { for: "quick-q" }, "Go to a reference, a body or a page"));
    input = element("input", {
      id: "quick-q", type: "text", role: "combobox", maxlength: "200", autocomplete: "off", spellcheck: "false",
      "aria-expanded": "false", "aria-controls": "quick-list", "aria-autocomplete": "list"
    });
    list = element("ul", { id: "quick-list", role: "listbox", "aria-label": "Places to go to" });
    list.hidden = true;
    said = element("p", { class: "hidden", role: "status" });
    const foot = element("p", { class: "quick-foot" });
    const label = element("label");
    const check = element("input", { type: "checkbox" });
    check.checked = keyIsOn();
    check.addEventListener("change", function () {
      try { localStorage.setItem(KEY, check.checked ? "on" : "off"); } catch (refused) { /* for this page only */ }
    });
    label.append(check, " The key / opens this");
    foot.append(label, element("button", { type: "button", class: "link" }, "Close"));
    foot.querySelector("button").addEventListener("click", function () { box.close(); });
    inner.append(input, list, said);
    box.append(inner, foot);
    document.body.append(box);

    input.addEventListener("input", function () {
      clearTimeout(timer);
      waiting = null;
      serial += 1;
      timer = setTimeout(ask, PAUSE);
    });
    input.addEventListener("keydown", onKey);
    inner.addEventListener("submit", function (event) {
      event.preventDefault();
      clearTimeout(timer);
      // Whoever types fast and presses Enter means what they typed, not what was offered for half of it.
      (waiting || ask()).then(go);
    });
    list.addEventListener("mousedown", function (event) { event.preventDefault(); });
    list.addEventListener("click", function (event) {
      const option = event.target.closest("[role=option]");
      if (!option) return;
      active = Array.from(list.children).indexOf(option);
      go();
    });
    box.addEventListener("click", function (event) { if (event.target === box) box.close(); });
  }

  function open() {
    if (!box) build();
    if (box.open) return;
    box.showModal();
    input.focus();
    input.select();
  }

  function ask() {
    const typed = input.value.trim();
    const number = serial;
    if (!typed) {
      show([], "");
      return (waiting = Promise.resolve());
    }
    waiting = fetch(form.dataset.jump + "?q=" + encodeURIComponent(typed), { credentials: "same-origin" })
      .then(function (response) { return response.ok ? response.json() : { targets: [] }; })
      .catch(function () { return { targets: [] }; })
      .then(function (answer) { if (number === serial) show(answer.targets || [], typed); });
    return waiting;
  }

  // What words hold is for the search page: it stands last, and alone where there is no place of this name.
  function show(found, typed) {
    const search = { kind: "Search", label: "“" + typed + "”", title: "Search plan and reports for it",
      address: form.action + "?q=" + encodeURIComponent(typed) };
    targets = typed ? found.concat([search]) : [];
    list.replaceChildren.apply(list, targets.map(function (target, place) {
      const option = element("li", { role: "option", id: "quick-" + place, "aria-selected": "false" });
      option.append(element("strong", {}, target.label), " ", element("span", { class: "quick-kind" }, target.kind), " ",
        element("span", { class: "quick-title" }, target.title));
      return option;
    }));
    list.hidden = !targets.length;
    input.setAttribute("aria-expanded", String(targets.length > 0));
    said.textContent = !typed ? "" : found.length === 1 ? "1 place" : found.length + " places";
    choose(targets.length ? 0 : -1);
  }

  function choose(place) {
    active = place;
    Array.from(list.children).forEach(function (option, number) {
      option.setAttribute("aria-selected", String(number === place));
      if (number === place) option.scrollIntoView({ block: "nearest" });
    });
    if (place < 0) input.removeAttribute("aria-activedescendant");
    else input.setAttribute("aria-activedescendant", "quick-" + place);
  }

  function onKey(event) {
    const last = targets.length - 1;
    if (last < 0) return;
    if (event.key === "ArrowDown") choose(active >= last ? 0 : active + 1);
    else if (event.key === "ArrowUp") choose(active <= 0 ? last : active - 1);
    else return;
    event.preventDefault();
  }

  function go() {
    const target = targets[active];
    if (!target) return;
    box.close();
    location.assign(target.address);
  }

  opener.hidden = false;
  opener.addEventListener("click", open);
  document.addEventListener("keydown", function (event) {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || !keyIsOn()) return;
    if (event.target.closest("input, textarea, select, [contenteditable], dialog")) return;
    event.preventDefault();
    open();
  });
})();
