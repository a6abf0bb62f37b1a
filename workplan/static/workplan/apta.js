// Small comforts; every page works without them.
(function () {
  "use strict";

  const narrow = window.matchMedia("(max-width: 62rem)");

  // On a narrow screen the results come first: the filters are folded until asked for.
  function foldFilters(root) {
    root.querySelectorAll(".side-fold").forEach(function (fold) {
      fold.dataset.ready = "";
      if (!narrow.matches) return;
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
    form.addEventListener("apta:saved", function () { typed = false; });
    window.addEventListener("beforeunload", function (event) { if (typed) event.preventDefault(); });
  });

  foldFilters(document);
  showErrors();
})();

// A file takes a while to be sent and read: the page says so meanwhile.
(function () {
  "use strict";

  function show(form, isSending) {
    form.querySelector(".sending > span").hidden = !isSending;
    form.querySelector('button[type="submit"]').disabled = isSending;
  }

  document.querySelectorAll("form.sends-file").forEach(function (form) {
    form.addEventListener("submit", function () { show(form, true); });
    window.addEventListener("pageshow", function () { show(form, false); });
  });
})();

// Rows for more evidence come without asking the server, so that a chosen file stays chosen.
(function () {
  "use strict";

  function addRow(form) {
    const template = form.querySelector("template[data-evidence-row]");
    const total = form.querySelector('[name="evidence-TOTAL_FORMS"]');
    const most = form.querySelector('[name="evidence-MAX_NUM_FORMS"]');
    if (!template || !total || Number(total.value) >= Number(most ? most.value : 20)) return null;
    const holder = document.createElement("template");
    holder.innerHTML = template.innerHTML.replaceAll("__prefix__", total.value);
    const row = holder.content.firstElementChild;
    const rows = form.querySelectorAll(".evidence-row");
    total.value = String(Number(total.value) + 1);
    template.before(row);
    row.setAttribute("aria-label", "Evidence " + (rows.length + 1));
    template.before(form.querySelector('button[name="more"]'));
    return row;
  }

  document.addEventListener("click", function (event) {
    const button = event.target.closest('button[name="more"]');
    if (!button || !button.form) return;
    const row = addRow(button.form);
    if (row === null) return;
    event.preventDefault();
    row.querySelector('input[type="text"]').focus();
  });

  window.apta = { addRow: addRow };
})();

// A report saves itself as it is written. What could not be saved stays in this browser and is offered again.
(function () {
  "use strict";

  const PREFIX = "apta:";
  const WAIT = 3000;
  const RETRY = 15000;
  const HELD = "What you typed is kept in this browser.";

  // A browser may forbid to keep anything; then there is nothing to offer, and nothing else breaks.
  function read(key) {
    try { return JSON.parse(localStorage.getItem(PREFIX + key)); } catch (problem) { return null; }
  }
  function write(key, value) {
    try { localStorage.setItem(PREFIX + key, JSON.stringify(value)); } catch (problem) { /* full, or forbidden */ }
  }
  function forget(key) {
    try { localStorage.removeItem(PREFIX + key); } catch (problem) { /* forbidden */ }
  }
  function forgetAll() {
    try {
      Object.keys(localStorage).forEach(function (name) { if (name.startsWith(PREFIX)) localStorage.removeItem(name); });
    } catch (problem) { /* forbidden */ }
  }
  function cookie(name) {
    const found = document.cookie.split("; ").find(function (pair) { return pair.startsWith(name + "="); });
    return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
  }

  // The server says what it has saved since.
  const saved = cookie("apta-saved").replace(/^"|"$/g, "");
  if (saved) {
    forget(saved);
    document.cookie = "apta-saved=; Max-Age=0; path=/; SameSite=Lax";
  }
  // Who signs out leaves nothing behind for whoever comes next.
  document.addEventListener("submit", function (event) {
    if (/\/logout\/$/.test(event.target.getAttribute("action") || "")) forgetAll();
  });

  const form = document.querySelector("form[data-autosave]");
  if (!form) return;
  const state = form.querySelector("[data-saved]");
  const offer = form.querySelector("[data-kept-offer]");
  let key = form.dataset.keep;
  let timer = 0;
  let flight = null;
  let serial = 0;
  // Beside another version nothing is saved by itself: that is the person's decision.
  let stopped = "paused" in form.dataset;
  let leaving = false;
  let unanswered = null;

  function say(words, isSaved) {
    state.textContent = words;
    state.classList.toggle("saved-not", !isSaved);
  }

  function field(name) { return form.elements.namedItem(name); }

  function typed() {
    const values = {};
    new FormData(form).forEach(function (value, name) {
      if (typeof value === "string" && name !== "csrfmiddlewaretoken" && name !== "version") values[name] = value;
    });
    return values;
  }

  function keep() { write(key, { at: Date.now(), typed: typed() }); }

  function useNewToken(body) {
    // After signing in again in another tab the token of this page is an old one.
    const token = (cookie("__Host-csrftoken") || cookie("csrftoken"));
    if (token) body.set("csrfmiddlewaretoken", token);
  }

  function said(values) {
    return ["kind", "status", "as_of", "narrative", "outputs_delivered", "challenges", "next_steps", "reason", "deferred_until"].map(
      function (name) { return (values[name] || "").replaceAll("\r\n", "\n").trim(); }
    ).join("\u0000");
  }

  function takeVersion(version) {
    let hidden = field("version");
    if (!hidden) {
      hidden = document.createElement("input");
      hidden.type = "hidden";
      hidden.name = "version";
      form.append(hidden);
    }
    hidden.value = String(version);
  }

  function later(pause) {
    clearTimeout(timer);
    if (!stopped && !leaving) timer = setTimeout(save, pause);
  }

  function save() {
    timer = 0;
    if (stopped || leaving || flight) return;
    const number = serial;
    const sent = typed();
    const body = new FormData(form);
    Array.from(body.entries()).forEach(function (entry) { if (typeof entry[1] !== "string") body.delete(entry[0]); });
    useNewToken(body);
    flight = fetch(form.dataset.autosave, {
      method: "POST", body: body, headers: { "X-Autosave": "1" }, redirect: "manual", credentials: "same-origin"
    }).then(function (response) {
      if (response.type === "opaqueredirect") {
        say("Not saved: you are signed out. " + HELD + " Sign in in another window and continue here.", false);
        return later(RETRY);
      }
      const isData = (response.headers.get("Content-Type") || "").startsWith("application/json");
      return (isData ? response.json() : Promise.resolve({})).then(function (answer) {
        if (response.ok && answer.version) return settled(answer, number);
        return refused(response.status, answer);
      });
    }).catch(function () {
      unanswered = sent;
      say("Not saved: no connection. " + HELD, false);
      later(RETRY);
    }).finally(function () {
      flight = null;
      if (number !== serial && !timer) later(WAIT);
    });
  }

  function settled(answer, number) {
    unanswered = null;
    takeVersion(answer.version);
    form.dataset.autosave = answer.address;
    form.setAttribute("action", answer.address);
    if (location.pathname !== answer.address) history.replaceState(null, "", answer.address);
    if (key !== answer.key) { forget(key); key = answer.key; }
    const checklist = document.getElementById("checklist");
    if (checklist && answer.checklist) checklist.outerHTML = answer.checklist;
    const but = answer.left_out.length ? ", but for what cannot be read: " + answer.left_out.join(", ") : "";
    say("Saved " + answer.saved_at + but, !but);
    if (number === serial && !but) {
      forget(key);
      form.dispatchEvent(new CustomEvent("apta:saved"));
    } else {
      keep();
    }
  }

  function refused(status, answer) {
    const error = answer.error || {};
    // What stands there is what this page sent before the connection broke: nobody was in between.
    if (error.code === "stale_version" && unanswered && said(answer.current) === said(unanswered)) {
      unanswered = null;
      takeVersion(answer.current.version);
      return later(0);
    }
    unanswered = null;
    keep();
    if (error.code === "stale_version") {
      stopped = true;
      say("Not saved: somebody else has changed this report. " + HELD + " Press “Save draft” to see both versions side by side.", false);
    } else if (error.code === "wrong_state") {
      stopped = true;
      say("Not saved: " + error.message + " " + HELD, false);
    } else {
      const texts = Object.values(error.fields || {}).flat();
      say("Not saved: " + (texts.join(" ") || error.message || "the answer was " + status + ".") + " " + HELD, false);
      if (status >= 500 || status === 403) later(RETRY);
    }
  }

  form.addEventListener("input", function (event) {
    if (event.target.type === "file") return;
    serial += 1;
    keep();
    later(WAIT);
  });
  window.addEventListener("online", function () { if (state.classList.contains("saved-not")) later(0); });

  // Submitting waits for a saving that is under way: otherwise the person would be in their own way.
  form.addEventListener("submit", function (event) {
    clearTimeout(timer);
    if (flight) {
      event.preventDefault();
      const button = event.submitter;
      flight.finally(function () { form.requestSubmit(button); });
      return;
    }
    leaving = true;
    keep();
    const token = (cookie("__Host-csrftoken") || cookie("csrftoken"));
    if (token) field("csrfmiddlewaretoken").value = token;
  });
  window.addEventListener("pageshow", function () { leaving = false; });

  // What an earlier visit kept here and could not save.
  const EVIDENCE = /^evidence-(\d+)-(title|url|dated_on|kept)$/;

  function putBack(values) {
    Object.keys(values).forEach(function (name) {
      if (name.startsWith("evidence-") || name === "round" || name === "body") return;
      const control = field(name);
      if (control) control.value = values[name];
    });
    const rows = {};
    Object.keys(values).forEach(function (name) {
      const found = EVIDENCE.exec(name);
      if (found) (rows[found[1]] = rows[found[1]] || {})[found[2]] = values[name];
    });
    Object.values(rows).forEach(function (row) {
      if (!row.kept && row.url && !hasLink(row.url)) fill(row);
    });
  }

  function hasLink(url) {
    return Array.from(form.querySelectorAll('input[type="url"]')).some(function (input) { return input.value === url; });
  }

  function fill(row) {
    const free = Array.from(form.querySelectorAll(".evidence-row")).find(function (one) {
      const url = one.querySelector('input[type="url"]');
      return url && !url.value && !one.querySelector('input[type="text"]').value;
    }) || window.apta.addRow(form);
    if (!free) return;
    free.querySelector('input[type="text"]').value = row.title || "";
    free.querySelector('input[type="url"]').value = row.url;
    if (row.dated_on) free.querySelector('input[type="date"]').value = row.dated_on;
  }

  function isNews(values) {
    const now = typed();
    if (said(values) !== said(now)) return true;
    return Object.keys(values).some(function (name) {
      return /^evidence-\d+-url$/.test(name) && values[name] && !hasLink(values[name]);
    });
  }

  const kept = read(key);
  if (kept && kept.typed && isNews(kept.typed)) {
    offer.querySelector("[data-kept-at]").textContent = new Date(kept.at).toLocaleString("en-GB", {
      day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit"
    });
    offer.hidden = false;
    offer.querySelector("[data-kept-take]").addEventListener("click", function () {
      putBack(kept.typed);
      offer.hidden = true;
      form.dispatchEvent(new Event("input", { bubbles: true }));
    });
    offer.querySelector("[data-kept-drop]").addEventListener("click", function () {
      forget(key);
      offer.hidden = true;
    });
  } else if (kept && !document.querySelector("#error-summary, .conflict")) {
    forget(key);
  }
})();
