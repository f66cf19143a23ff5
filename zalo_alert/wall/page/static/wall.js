// Puts what the server tells into the page, and says in red when it no longer tells anything: a screen that stands must not look alive.
"use strict";

const LOST_AFTER_MS = 5000;
const AGAIN_AFTER_MS = 3000;

let source = null;
let heardAt = performance.now();
let isOld = false;

function put(name, html) {
  const part = document.getElementById(name);
  if (!part) return;
  const inside = part.contains(document.activeElement) ? document.activeElement : null;
  const address = inside && inside.getAttribute("href");
  part.innerHTML = html; // escaped by the server; the page's policy runs nothing that stands in it
  if (address) part.querySelector(`a[href="${CSS.escape(address)}"]`)?.focus();
}

function hear(event) {
  heardAt = performance.now();
  const told = JSON.parse(event.data);
  isOld = told.old;
  document.body.classList.toggle("drill", told.drill);
  for (const [name, html] of Object.entries(told.parts)) put(name, html);
  document.body.dataset.beat = document.body.dataset.beat === "a" ? "b" : "a"; // puts off what style sheets show after a while
  document.documentElement.dataset.ready = "yes";
  look();
}

function look() {
  const silentMs = performance.now() - heardAt;
  const isLost = silentMs > LOST_AFTER_MS;
  const alarm = document.getElementById("alarm");
  const words = isLost ? alarm.dataset.lost : alarm.dataset.old;
  const since = isLost ? ` (${alarm.dataset.since.replace("{seconds}", Math.round(silentMs / 1000))})` : "";
  document.body.classList.toggle("stale", isLost || isOld);
  alarm.hidden = !(isLost || isOld);
  if (!alarm.hidden && alarm.textContent !== words + since) alarm.textContent = words + since;
}

function listen() {
  if (source) source.close();
  source = new EventSource(document.body.dataset.events);
  source.onmessage = hear;
  source.onerror = () => {
    if (source.readyState !== EventSource.CLOSED) return; // it tries again by itself
    setTimeout(ask, AGAIN_AFTER_MS);
  };
}

// A stream that was refused stays closed: whoever must log in again is shown where, everyone else tries anew.
async function ask() {
  try {
    const answer = await fetch(document.body.dataset.events, { method: "HEAD" });
    if (answer.status === 401) location.reload();
  } catch {
    // nobody answers; the alarm says so
  }
  listen();
}

if (document.getElementById("cards")) {
  listen();
  setInterval(look, 1000);
}
