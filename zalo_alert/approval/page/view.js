// Shows a request, all of it: what is known by its name, what is not as it comes. Everything goes in as text, nothing as HTML.
// `say` (page.js) gives the sentences; `HAZARDS` the names of hazards, `HIDDEN` what nobody sees.

function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "class") element.className = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null).map((child) => (child instanceof Node ? child : marked(String(child)))));
  return element;
}

// Names each character that nobody sees or that turns text round, as foundation/invisible.py does: "BAO-7<U+202E>".
const marked = (text) => text.replace(new RegExp(HIDDEN, "gu"), (all, hidden) => (hidden ? `<U+${codeOf(hidden)}>` : all));
const codeOf = (char) => char.codePointAt(0).toString(16).toUpperCase().padStart(4, "0");

const heading = (key) => el("h3", {}, say(key));
const facts = (rows) => el("dl", {}, ...rows.filter(Boolean).flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));

// --- numbers and instants, as language/formats.py writes them -------------------------------------------------------------

function count(number) {
  if (!Number.isFinite(number)) return String(number);
  if (language === "vi") return String(number).replace(/\B(?=(\d{3})+$)/g, ".");
  return Math.abs(number) < 10000 ? String(number) : String(number).replace(/\B(?=(\d{3})+$)/g, "\u202f");
}

// An instant in Vietnam's time, whatever the telephone is set to.
function moment(at) {
  const there = new Date(at.getTime() + 7 * 3600 * 1000);
  const two = (number) => String(number).padStart(2, "0");
  const day = say(`day_${there.getUTCDay()}`);
  const date = `${there.getUTCDate()}/${there.getUTCMonth() + 1}/${there.getUTCFullYear()}`;
  return `${two(there.getUTCHours())}:${two(there.getUTCMinutes())} ${day} ${date}`;
}

const instant = (text) => (readInstant(text) ? moment(readInstant(text)) : String(text));

function span(milliseconds) {
  const minutes = Math.max(0, Math.round(milliseconds / 60000));
  if (minutes < 120) return say("minutes", { minutes });
  return say("hours", { hours: Math.floor(minutes / 60), minutes: String(minutes % 60).padStart(2, "0") });
}

// --- what it is -------------------------------------------------------------------------------------------------------------

// Tells a real alert from everything else, and takes what it does not know for one. A drill or a rehearsal is one only where no
// message leaves the sending machine; what merely calls itself so is shown as what it would be.
function kindOf(what) {
  if (staysThere(what)) return what.profile === "drill" ? "drill" : "rehearsal";
  return { Exercise: "exercise", Test: "test" }[what.status] ?? "actual";
}

function staysThere(what) {
  const hosts = Object.values(what.hosts ?? {});
  return (what.profile === "drill" || what.rehearsal === true) && hosts.length > 0 && hosts.every(isOfThatMachine);
}

function isOfThatMachine(url) {
  const host = /^[a-z]+:\/\/(\[[0-9a-f:]+\]|[^/:@]+)(?::\d+)?(?:\/|$)/i.exec(String(url))?.[1] ?? "";
  return host === "localhost" || host === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(host);
}

// Draws a request; `objections` are why this approver can't sign it.
function drawRequest(place, request, words, objections) {
  const { what, signed } = request;
  const kind = kindOf(what);
  place.className = kind;
  place.replaceChildren(
    el("h2", { id: "kind" }, say(`kind_${kind}`), el("small", {}, say(`note_${kind}`))),
    ...[...objections, ...warnings(request)].map((text) => el("p", { class: "red warn" }, text)),
    ...overrides(what, signed),
    ...wording(what, signed),
    ...template(signed),
    whose(what, signed),
    ...people(what),
    ...texts(what),
    ...provinces(what),
    main(what, signed),
    ...followUp("correction", what),
    ...followUp("all_clear", what),
    ...sixWordsView(words, request.digest),
    rest(what, signed),
  );
}

function warnings({ what, signed }) {
  const now = Date.now();
  const submitted = readInstant(signed.at).getTime();
  const expires = readInstant(what.expires)?.getTime();
  const finishes = readInstant(signed.finishes_at)?.getTime();
  const found = [
    now < submitted - 120000 && say("clock_behind", { now: moment(new Date(now)), at: instant(signed.at) }),
    now > submitted + 6 * 3600000 && say("submitted_long_ago", { ago: span(now - submitted) }),
    finishes > expires && say("finishes_late"),
    finishes > readInstant(what.onset)?.getTime() && say("finishes_after_onset"),
  ];
  return found.filter(Boolean);
}

function overrides(what, signed) {
  const told = new Set(findings(signed).filter(([, severity]) => severity === "error").map(([code]) => `wording:${code}`));
  const found = Object.entries(what.overrides ?? {}).filter(([rule]) => !told.has(rule));
  if (!found.length) return [];
  return [el("div", { class: "red" }, heading("overrides"), el("ul", {}, ...found.map(([rule, why]) =>
    el("li", {}, el("strong", {}, rule), ": ", plain(why)))))];
}

// What rules have found in the words: errors, each with the reason why it may pass, then warnings; a request of before has none.
const MOST_WARNINGS = 12;
const findings = (signed) => (Array.isArray(signed.wording) ? signed.wording.filter((row) => Array.isArray(row) && row.length >= 4) : []);

function wording(what, signed) {
  const errors = findings(signed).filter(([, severity]) => severity === "error");
  const others = findings(signed).filter(([, severity]) => severity !== "error");
  const item = ([code, , where, why], ...more) => el("li", {}, el("strong", {}, code), ` (${scalar(where)}): `, scalar(why), ...more);
  const passed = (row) => item(row, el("br"), say("wording_passed", { why: scalar(what.overrides?.[`wording:${row[0]}`]) }));
  const left = others.length - MOST_WARNINGS;
  return [
    errors.length ? el("div", { class: "red" }, heading("wording_errors"), el("ul", {}, ...errors.map(passed))) : null,
    others.length ? el("div", { class: "doubts" }, heading("wording_warnings"), el("ul", {}, ...others.slice(0, MOST_WARNINGS).map((row) => item(row)),
      left > 0 ? el("li", {}, say("wording_more", { more: count(left) })) : null)) : null,
  ].filter(Boolean);
}

// How far the words have gone from the library template that they began from.
function template(signed) {
  const { name, distance, gone } = signed.template ?? {};
  if (!name) return [];
  const share = typeof distance === "number" ? say("template_share", { template: scalar(name), percent: count(Math.round(100 * distance)) }) : say("template_unknown", { template: scalar(name) });
  const lines = Array.isArray(gone) ? gone : [];
  return [el("p", {}, share), lines.length ? el("div", { class: "doubts" }, say("template_gone"), el("ul", {}, ...lines.map((line) => el("li", {}, scalar(line))))) : null].filter(Boolean);
}

function people(what) {
  const { people: all, staff } = what.audience;
  return [
    heading("people"),
    el("p", { class: "total" }, say("people_count", { people: count(all) })),
    staff ? el("p", {}, say("staff_first", { staff: count(staff) })) : null,
    what.broadcast ? el("p", { class: "warn" }, say("article_too")) : null,
  ].filter(Boolean);
}

function provinces(what) {
  const rows = Array.isArray(what.audience.provinces) ? what.audience.provinces : [];
  const row = ([name, number]) => el("tr", {}, el("th", { scope: "row" }, name || say("nowhere")), el("td", {}, count(number)));
  return [heading("by_province"), el("table", {}, el("tbody", {}, ...rows.map(row)))];
}

function whose(what, signed) {
  const submitted = readInstant(signed.at);
  return facts([
    what.kind ? [say("follows"), el("strong", {}, followed(what))] : null,
    [say("code"), el("strong", {}, what.code)],
    [say("event"), hazard(what)],
    [say("submitted_by"), el("strong", {}, signed.by)],
    [say("submitted_at"), say("moment_ago", { at: moment(submitted), ago: span(Date.now() - submitted.getTime()) })],
  ]);
}

// What it is to the runs that it follows; "" of an alert.
function followed({ kind, follows }) {
  if (!kind) return "";
  const [key, run] = [`follow_${String(kind).replace("-", "_")}`, Array.isArray(follows) ? follows.join(", ") : String(follows)];
  return Object.hasOwn(SENTENCES.en, key) ? say(key, { run }) : `${kind}: ${run}`;
}

function main(what, signed) {
  const expires = readInstant(what.expires);
  const left = expires ? expires.getTime() - Date.now() : 0;
  return el("div", {}, heading("alert"), facts([
    [say("message_type"), meaning("type", what.msg_type)],
    what.references?.length ? [say("references"), what.references.join(", ")] : null,
    [say("urgency"), [["urgency", what.urgency], ["severity", what.severity], ["certainty", what.certainty]]
      .map(([name, word]) => meaning(name, word)).join("; ")],
    [say("effective"), instant(what.effective)],
    what.onset ? [say("onset"), instant(what.onset)] : null,
    [say("finishes"), signed.finishes_at ? instant(signed.finishes_at) : say("none")],
    [say("expires"), left > 0 ? say("moment_left", { at: instant(what.expires), left: span(left) }) : el("span", { class: "warn" }, instant(what.expires))],
    Array.isArray(what.languages) ? [say("languages"), el("ul", {}, ...what.languages.map(checked))] : null,
    [say("hosts"), el("ul", {}, ...Object.entries(what.hosts ?? {}).map(([name, host]) => el("li", {}, `${name}: ${host}`)))],
    [say("approvers"), count(signed.approvers ?? 1)],
  ]));
}

function hazard(what) {
  const name = (language === "vi" && Object.hasOwn(HAZARDS, what.event) && HAZARDS[what.event]) || what.event;
  return el("strong", {}, what.risk_level ? say("event_level", { event: name, level: what.risk_level }) : name);
}

const checked = (each) => el("li", {}, say("checked_by", { language: meaning("language", each?.[0]), name: String(each?.[1] ?? "") }));

const meaning = (name, word) => (Object.hasOwn(SENTENCES.en, `${name}_${word}`) ? say(`${name}_${word}`) : String(word));

// --- what people read -------------------------------------------------------------------------------------------------------

function texts(what) {
  const { count: all = 0, first = [] } = what.texts ?? {};
  const shown = first.map((text) => el("section", {}, el("h4", {}, say("read_in", { place: text.place ?? "", route: routeName(text.route) })), asRead(text)));
  const more = all > first.length ? el("p", { class: "red warn" }, say("more_texts", { more: count(all - first.length) })) : null;
  return [heading("texts"), ...shown, more].filter(Boolean);
}

const routeName = (route) => (Object.hasOwn(SENTENCES.en, `route_${route}`) ? say(`route_${route}`) : String(route));

// What a person sees, and after it whatever else stands there and is not known here.
function asRead(text) {
  const { place, route, variant, headline, text: body, template_id: template, data, ...others } = text;
  return el("div", {},
    template ? el("p", {}, say("by_template", { template })) : null,
    data ? facts(Object.entries(data).map(([name, value]) => [name, plain(value)])) : null,
    headline || body ? el("blockquote", { lang: "vi" }, headline ? el("strong", {}, headline) : null, body ?? "") : null,
    Object.keys(others).length ? plain(others) : null);
}

// What is ready to follow the alert: as its largest place would read it, and behind that how it goes out.
function followUp(name, what) {
  const written = what[name];
  if (!written) {
    const isMissed = name === "correction" && kindOf(what) === "actual" && !what.kind;
    return isMissed ? [heading(name), el("p", { class: "warn" }, say("no_correction"))] : [];
  }
  const { headline, text, ...others } = written;
  const ready = what.ready?.[name];
  const place = ready?.place ? el("p", { class: "hint" }, ready.place) : null;
  const read = (ready?.texts ?? [{ headline: ready?.headline ?? headline, text: ready?.text ?? text }]).map((part) => el("div", {}, part.route ? el("p", { class: "hint" }, routeName(part.route)) : null, asRead(part)));
  const opened = name === "correction" ? { open: "" } : {};
  return [el("details", opened, el("summary", {}, say(name)), place, ...read, plain(others))];
}

function sixWordsView(words, digest) {
  return [
    heading("words"),
    el("ol", { id: "six-words", class: "words", lang: "vi" }, ...words.map((word, at) => el("li", {}, el("span", { "aria-hidden": "true" }, at + 1), word))),
    el("p", {}, say("words_about")),
    el("p", { class: "hint" }, say("digest"), " ", el("code", { id: "digest" }, digest)),
  ];
}

// --- the rest, as it comes --------------------------------------------------------------------------------------------------

const SHOWN = new Set(["code", "event", "risk_level", "status", "msg_type", "references", "urgency", "severity", "certainty", "effective",
  "onset", "expires", "hosts", "texts", "correction", "all_clear", "ready", "overrides", "kind", "follows",
  "languages"]);
const SHOWN_SIGNED = new Set(["by", "at", "finishes_at", "approvers"]);

function rest(what, signed) {
  const others = (half, shown) => Object.fromEntries(Object.entries(half).filter(([name]) => !shown.has(name)));
  return el("details", {}, el("summary", {}, say("everything_else")), plain(others(what, SHOWN)), plain(others(signed, SHOWN_SIGNED)));
}

// Shows any value of JSON.
function plain(value) {
  if (Array.isArray(value)) {
    if (value.every((item) => item === null || typeof item !== "object")) return value.map(scalar).join(" · ") || "–";
    return el("ul", {}, ...value.map((item) => el("li", {}, plain(item))));
  }
  if (value !== null && typeof value === "object") {
    return facts(Object.entries(value).map(([name, item]) => [name, plain(item)]));
  }
  return scalar(value);
}

const scalar = (value) => (value === null || value === "" ? "–" : String(value));
