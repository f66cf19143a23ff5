// Reads a request, says its six words, and holds what an approver types against it. Knows no document; `WORDS` stands before it.

const MOST_BYTES = 256 * 1024; // as approval/request.py has it
const MOST_DEPTH = 32; // of lists in lists: a request has six

// Reads a request from the bytes of a file, or of what was pasted; what is signed is exactly those bytes.
function readRequest(bytes) {
  if (bytes.length > MOST_BYTES) throw new Refused("request_long");
  const text = decoded(bytes).replace(/^[ \t\r\n\v\f]+|[ \t\r\n\v\f]+$/g, "");
  if (!text) throw new Refused("request_empty");
  const value = parsed(text);
  if (value === null || typeof value !== "object" || value.type !== "request") throw new Refused("request_other_type");
  if (value.format !== 1) throw new Refused("request_other_format", { format: String(value.format).slice(0, 20) });
  if (endOfCanonical(text, 0, value, 0) !== text.length || !isShaped(value)) throw new Refused("request_changed");
  return { bytes: utf8(text), what: value.what, signed: value.signed };
}

function decoded(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Refused("request_no_text");
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    if (text.startsWith("-----BEGIN SSH SIGNATURE")) throw new Refused("request_is_signature");
    throw new Refused(text.startsWith('{"format"') ? "request_cut" : "request_no_json");
  }
}

// Returns where the canonical text of a value ends that begins at a place, -1 when it is another: keys sorted and none twice,
// no blanks, nothing escaped that need not be. How a number is written is not looked at: it has one meaning.
function endOfCanonical(text, at, value, depth) {
  if (depth > MOST_DEPTH) return -1;
  if (typeof value === "number") return endOfNumber(text, at);
  if (Array.isArray(value)) return endOfMembers(text, at, "[", "]", value.map((item) => ["", item]), depth);
  if (value !== null && typeof value === "object") {
    const members = Object.keys(value).sort(byCodePoint).map((key) => [`${JSON.stringify(key)}:`, value[key]]);
    return endOfMembers(text, at, "{", "}", members, depth);
  }
  return endOfText(text, at, JSON.stringify(value));
}

function endOfMembers(text, at, opening, closing, members, depth) {
  let end = endOfText(text, at, opening);
  members.forEach(([name, member], number) => {
    end = endOfText(text, end, (number ? "," : "") + name);
    if (end >= 0) end = endOfCanonical(text, end, member, depth + 1);
  });
  return endOfText(text, end, closing);
}

const endOfText = (text, at, expected) => (at >= 0 && text.startsWith(expected, at) ? at + expected.length : -1);

function endOfNumber(text, at) {
  const number = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
  number.lastIndex = at;
  return number.test(text) ? number.lastIndex : -1;
}

function byCodePoint(one, other) {
  const [a, b] = [Array.from(one), Array.from(other)];
  const at = a.findIndex((char, number) => char !== b[number]);
  if (at < 0) return a.length - b.length;
  return b[at] === undefined ? 1 : a[at].codePointAt(0) - b[at].codePointAt(0);
}

function isShaped({ what, signed }) {
  const objects = [what, signed, what?.audience].every((part) => part && typeof part === "object" && !Array.isArray(part));
  if (!objects || typeof what.run !== "string" || typeof signed.by !== "string") return false;
  return Number.isSafeInteger(what.audience.people) && typeof what.code === "string" && Boolean(readInstant(signed.at));
}

// Reads an instant of ISO 8601 with a zone; null where it is none.
function readInstant(text) {
  const parts = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)$/.exec(String(text));
  const at = parts ? new Date(parts[1] + parts[2]) : null;
  return at && !Number.isNaN(at.getTime()) ? at : null;
}

async function digestOf(bytes) {
  return toHex(await hash("SHA-256", bytes));
}

const sixWords = (digest) => [0, 1, 2, 3, 4, 5].map((at) => WORDS[Number.parseInt(digest.slice(2 * at, 2 * at + 2), 16)]);

// --- what the approver types ---

const UNITS = { triệu: 1e6, tr: 1e6, million: 1e6, m: 1e6, nghìn: 1e3, ngàn: 1e3, k: 1e3, thousand: 1e3 };

// Reads "66.000", "66 000", "66000", "2,4 triệu"; null where it is no number.
function readPeople(typed) {
  const parts = /^([\d.,\s]+?)\s*(\p{L}*)$/u.exec(typed.normalize("NFC").trim().toLowerCase());
  if (!parts) return null;
  if (parts[2]) {
    const decimal = parts[1].replace(",", ".");
    return Object.hasOwn(UNITS, parts[2]) && /^\d+(?:\.\d+)?$/.test(decimal) ? Math.round(Number(decimal) * UNITS[parts[2]]) : null;
  }
  return /^\d+$|^\d{1,3}(?:[., \u00a0\u202f]\d{3})+$/.test(parts[1]) ? Number(parts[1].replace(/\D/g, "")) : null;
}

// Whether who typed a number has read how many people it is: within a twentieth, as operations/card.py has it.
const isAbout = (number, people) => number !== null && Math.abs(number - people) <= people / 20;

const plainCode = (code) => code.normalize("NFC").trim().toLowerCase();
