// The approver's page: what is shown when, and what happens at a touch. One state, drawn anew after each change.

const pristine = document.documentElement.outerHTML; // as written, before anything is drawn: what is saved is made of it
const by = (id) => document.getElementById(id);
const state = { key: null, point: null, mark: "", isNew: false, isTaken: false, isSaved: false, request: null, words: [], signature: "", lacks: "" };
let language = "vi";

// Says a sentence in the reader's language; fields stand in braces.
function say(key, fields = {}) {
  const text = SENTENCES[language][key] ?? key;
  return text.replace(/\{(\w+)\}/g, (braces, name) => (Object.hasOwn(fields, name) ? String(fields[name]) : braces));
}

// --- drawing ----------------------------------------------------------------------------------------------------------------

function draw() {
  document.documentElement.lang = language;
  document.title = say("page_title");
  for (const element of document.querySelectorAll("[data-say]")) element.textContent = say(element.dataset.say);
  by("language").lang = language === "vi" ? "en" : "vi";
  drawTroubles();
  drawKey();
  if (state.request) drawRequest(by("request"), state.request, state.words, objections());
  drawSteps();
}

function drawKey() {
  show("whose", Boolean(state.key) && !state.isNew);
  by("save-about").textContent = say(state.isNew ? "save_about" : "save_again");
  by("own").textContent = say("own_key", { fingerprint: `${state.mark.slice(0, 15)}…` });
  for (const id of ["fingerprint", "own-fingerprint"]) by(id).textContent = state.mark;
  for (const id of ["public-key", "own-line"]) by(id).value = state.point ? `${publicLine(state.point)} ${KEY_COMMENT}` : "";
}

function drawSteps() {
  const hasKey = Boolean(state.key);
  const canSign = hasKey && !state.isNew && state.request && !objections().length;
  show("make", !hasKey && !state.lacks);
  show("save", state.isNew || state.isTaken);
  show("saved", state.isSaved);
  show("ask", !state.isNew);
  show("request", Boolean(state.request));
  show("agree", Boolean(canSign) && !state.signature);
  show("answer", Boolean(state.signature));
  if (!state.request) return;
  by("sign").textContent = say(`sign_${kindOf(state.request.what)}`);
  by("answer-next").textContent = say("answer_next", { run: state.request.what.run });
}

const show = (id, isShown) => (by(id).hidden = !isShown);
const isExpired = () => readInstant(state.request.what.expires)?.getTime() <= Date.now();

// --- troubles: each place keeps what it says, so that it can say it in the other language -------------------------------------

const troubles = new Map();

function tell(id, error) {
  if (error && !(error instanceof Refused)) console.error(error);
  if (error) troubles.set(id, error instanceof Refused ? error : new Refused("unexpected", { what: String(error.message ?? error) }));
  else troubles.delete(id);
  drawTroubles();
}

function drawTroubles() {
  for (const id of ["unfit", "make-trouble", "save-trouble", "ask-trouble", "agree-trouble"]) {
    const trouble = troubles.get(id);
    by(id).hidden = !trouble;
    by(id).textContent = trouble ? say(trouble.key, trouble.fields) : "";
  }
}

// Does something that may be refused; the button waits meanwhile, and what was refused is said at its place.
async function attempt(place, button, action) {
  tell(place, null);
  if (button) button.disabled = true;
  try {
    await action();
  } catch (error) {
    tell(place, error);
  } finally {
    if (button) button.disabled = false;
  }
}

// --- the key ----------------------------------------------------------------------------------------------------------------

async function useKey(sealed) {
  const { point } = partsOf(sealed);
  Object.assign(state, { key: sealed, point, mark: await fingerprint(point) });
}

async function makeOrTake() {
  const [file] = by("key-file").files;
  const found = file ? readKeyFile(await textOf(file)) : {};
  const passphrase = by("new-passphrase").value;
  if (found.sealed) await openKey(found.sealed, passphrase); // its own passphrase stays
  else checkPassphrase(passphrase, by("again").value);
  await useKey(found.sealed ?? (await sealKey(found.open ?? (await makeKey()), passphrase)));
  state.isTaken = Boolean(found.sealed); // it lies in a file already, so it can sign at once: on an iPhone a saved page can't be opened
  state.isNew = !state.isTaken;
  by("make-form").reset();
  draw();
  by("save").focus();
}

async function textOf(file) {
  if (file.size > 4 * MOST_BYTES) throw new Refused("key_none");
  return file.text();
}

// Saves the page as it was written, with the key in it.
function savePage() {
  const empty = '<script type="application/json" id="sealed-key">';
  const at = pristine.indexOf(empty) + empty.length;
  const page = pristine.slice(0, at) + JSON.stringify(state.key) + pristine.slice(pristine.indexOf("<", at));
  const blob = new Blob([`<!doctype html>\n${page}\n`], { type: "text/html" });
  const link = el("a", { href: URL.createObjectURL(blob), download: `phe-duyet-${state.mark.slice(7, 13).replace(/\W/g, "0")}.html` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  state.isSaved = true;
  draw();
}

// --- the request ------------------------------------------------------------------------------------------------------------

// Shows what was chosen or pasted; what stood there before is gone at once, so that nobody signs it for what they chose.
async function takeRequest(source) {
  Object.assign(state, { request: null, signature: "" });
  draw();
  const request = readRequest(await source());
  request.digest = await digestOf(request.bytes);
  Object.assign(state, { request, words: sixWords(request.digest) });
  by("agree-form").reset();
  tell("agree-trouble", null);
  draw();
  by("request").focus();
}

// Why this approver can't sign what is shown.
function objections() {
  const { what, signed } = state.request;
  return [
    isExpired() && say("expired", { at: instant(what.expires), now: moment(new Date()) }),
    !readInstant(what.expires) && say("no_expiry"),
    signed.key === state.mark && say("own_request"),
    !state.key && !state.lacks && say("no_key_yet"),
  ].filter(Boolean);
}

async function bytesOf(file) {
  if (file.size > MOST_BYTES) throw new Refused("request_long");
  return new Uint8Array(await file.arrayBuffer());
}

// --- agreeing ---------------------------------------------------------------------------------------------------------------

async function agree() {
  const { what, bytes } = state.request;
  const number = readPeople(by("people").value);
  if (number === null) throw refusedAt("people", "people_no_number");
  if (!isAbout(number, what.audience.people)) throw refusedAt("people", "people_differ", { typed: count(number) });
  if (plainCode(by("code").value) !== plainCode(what.code)) throw refusedAt("code", "code_differs");
  if (isExpired()) throw new Refused("expired", { at: instant(what.expires), now: moment(new Date()) });
  state.signature = await sign(await unlocked(), bytes);
  by("agree-form").reset();
  by("signature").value = state.signature;
  draw();
  by("answer").focus();
}

async function unlocked() {
  try {
    return await openKey(state.key, by("passphrase").value);
  } catch (error) {
    by("passphrase").focus();
    throw error;
  }
}

function refusedAt(id, key, fields = {}) {
  by(id).focus();
  return new Refused(key, fields);
}

async function copy(button) {
  const field = by(button.dataset.copy);
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    said(button, "copied");
  } catch {
    said(button, document.execCommand("copy") ? "copied" : "copy_by_hand"); // an old browser, or a file without the right to
  }
}

function said(button, key) {
  const place = button.parentElement.querySelector(".copied");
  place.dataset.say = key;
  place.textContent = say(key);
}

// --- at a touch -------------------------------------------------------------------------------------------------------------

function onSubmit(id, place, action) {
  by(id).addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(place, event.target.querySelector("[type=submit]"), action);
  });
}

function showsTyped(box, ...fields) {
  by(box).addEventListener("change", () => fields.forEach((id) => (by(id).type = by(box).checked ? "text" : "password")));
}

function suggest() {
  tell("make-trouble", null);
  const words = suggestPassphrase();
  for (const id of ["new-passphrase", "again"]) by(id).value = words;
  by("show").checked = true;
  by("show").dispatchEvent(new Event("change"));
}

function listen() {
  by("language").addEventListener("click", () => {
    language = language === "vi" ? "en" : "vi";
    draw();
  });
  onSubmit("make-form", "make-trouble", makeOrTake);
  onSubmit("agree-form", "agree-trouble", agree);
  showsTyped("show", "new-passphrase", "again");
  showsTyped("show-own", "passphrase");
  by("suggest").addEventListener("click", suggest);
  by("key-file").addEventListener("change", () => (by("again").required = !by("key-file").files.length));
  by("save-page").addEventListener("click", () => attempt("save-trouble", null, savePage));
  by("request-file").addEventListener("change", () => {
    const [file] = by("request-file").files;
    if (file) attempt("ask-trouble", null, () => takeRequest(() => bytesOf(file)));
  });
  by("read").addEventListener("click", () => attempt("ask-trouble", by("read"), () => takeRequest(() => utf8(by("request-text").value))));
  for (const button of document.querySelectorAll("[data-copy]")) button.addEventListener("click", () => copy(button));
  by("share").hidden = !navigator.share;
  by("share").addEventListener("click", () => navigator.share({ text: state.signature }).catch(() => {}));
  window.addEventListener("beforeunload", (event) => {
    if (state.isNew && !state.isSaved) event.preventDefault(); // the only copy of a key would be gone
  });
}

async function begin() {
  listen();
  draw();
  await attempt("unfit", null, async () => {
    state.lacks = await lacking();
    const sealed = JSON.parse(by("sealed-key").textContent);
    if (sealed) await useKey(sealed);
    draw();
    if (state.lacks) throw new Refused(state.lacks);
  });
  document.documentElement.dataset.ready = "yes";
}

begin();
