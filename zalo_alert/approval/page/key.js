// An approver's key: made or taken over, kept under a passphrase, and signing. Knows no document; `WORDS` stands before it.
// Source: OpenSSH PROTOCOL.sshsig (the envelope), PROTOCOL.key (a private key's file).

const NAMESPACE = "approve@zalo-alert";
const KIND = "ssh-ed25519";
const ROUNDS = 1000000; // of PBKDF2: a second on a slow telephone; OWASP asks for 600,000
const FEWEST_ROUNDS = 600000;
const MOST_ROUNDS = 10000000; // a file that asks for more is meant to hang
const SHORTEST_PASSPHRASE = 12; // characters

const publicBlob = (point) => joinBytes(sshString(KIND), sshString(point));
const publicLine = (point) => `${KIND} ${toBase64(publicBlob(point))}`;

async function fingerprint(point) {
  return `SHA256:${toBase64(await hash("SHA-256", publicBlob(point))).replace(/=+$/, "")}`;
}

async function makeKey() {
  const pair = await crypto.subtle.generateKey({ name: "Ed25519" }, true, ["sign", "verify"]);
  const { d, x } = await crypto.subtle.exportKey("jwk", pair.privateKey);
  return { seed: fromBase64(d), point: fromBase64(x) };
}

// Encrypts a key under a passphrase. The public half and the number of rounds are bound to it: exchanged ones don't open.
async function sealKey({ seed, point }, passphrase, rounds = ROUNDS) {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const sealed = { format: 1, kdf: "PBKDF2-SHA256", rounds, salt: toBase64(salt), iv: toBase64(iv), public: toBase64(point) };
  const locked = await crypto.subtle.encrypt(await lockOf(sealed, iv), await derivedKey(passphrase, salt, rounds), seed);
  return { ...sealed, private: toBase64(new Uint8Array(locked)) };
}

async function openKey(sealed, passphrase) {
  const { salt, iv, point, locked } = partsOf(sealed);
  try {
    const key = await derivedKey(passphrase, salt, sealed.rounds);
    return { seed: new Uint8Array(await crypto.subtle.decrypt(await lockOf(sealed, iv), key, locked)), point };
  } catch {
    throw new Refused("passphrase_wrong");
  }
}

// Takes an encrypted key apart; what is not as `sealKey` makes it is not even tried.
function partsOf(sealed) {
  const rounds = sealed?.rounds;
  const isSound = sealed?.format === 1 && sealed.kdf === "PBKDF2-SHA256" && Number.isInteger(rounds);
  if (!isSound || rounds < FEWEST_ROUNDS || rounds > MOST_ROUNDS) throw new Refused("key_damaged");
  try {
    const [salt, iv, point, locked] = ["salt", "iv", "public", "private"].map((name) => fromBase64(sealed[name]));
    if (salt.length < 16 || iv.length !== 12 || point.length !== 32 || locked.length !== 48) throw new Refused("key_damaged");
    return { salt, iv, point, locked };
  } catch {
    throw new Refused("key_damaged");
  }
}

const lockOf = async (sealed, iv) => ({
  name: "AES-GCM",
  iv,
  additionalData: utf8(`zalo-alert ${sealed.kdf} ${sealed.rounds} ${sealed.salt} ${sealed.public}`),
});

// A keyboard may write "ệ" as one sign or as three; composed, both open the same key.
async function derivedKey(passphrase, salt, rounds) {
  const typed = await crypto.subtle.importKey("raw", utf8(passphrase.normalize("NFKC")), "PBKDF2", false, ["deriveKey"]);
  const way = { name: "PBKDF2", hash: "SHA-256", salt, iterations: rounds };
  return crypto.subtle.deriveKey(way, typed, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

function checkPassphrase(passphrase, again) {
  const chars = Array.from(passphrase.normalize("NFKC"));
  if (chars.length < SHORTEST_PASSPHRASE || new Set(chars).size < 5) throw new Refused("passphrase_short");
  if (passphrase !== again) throw new Refused("passphrases_differ");
}

// Six words by chance, 48 bits: with a million rounds, out of reach of whoever finds the telephone. Hyphens between them, so that
// nobody takes them for the six words of a request and reads them out.
const suggestPassphrase = () => Array.from(crypto.getRandomValues(new Uint8Array(6)), (byte) => WORDS[byte]).join("-");

// Reads a key that was there before: that of another approver's page, or a private key of OpenSSH without a passphrase.
function readKeyFile(text) {
  const page = /<script type="application\/json" id="sealed-key">([^<]*)<\/script>/.exec(text);
  if (page || text.trimStart().startsWith("{")) return sealedFrom(page ? page[1] : text);
  const armored = /-----BEGIN OPENSSH PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END OPENSSH PRIVATE KEY-----/.exec(text);
  if (!armored) throw new Refused(text.includes("ssh-ed25519 ") ? "key_is_public" : "key_none");
  try {
    return { open: opensshKey(fromBase64(armored[1].replace(/\s/g, ""))) };
  } catch (error) {
    throw error instanceof Refused ? error : new Refused("key_damaged");
  }
}

function sealedFrom(text) {
  let sealed;
  try {
    sealed = JSON.parse(text);
  } catch {
    throw new Refused("key_none");
  }
  if (sealed === null) throw new Refused("key_page_empty");
  partsOf(sealed);
  return { sealed };
}

function opensshKey(blob) {
  const reader = sshReader(blob);
  reader.expect(utf8("openssh-key-v1\0"));
  const cipher = reader.text();
  reader.string(); // how the passphrase was stretched
  reader.string();
  if (reader.uint32() !== 1) throw new Refused("key_damaged");
  reader.string(); // the public half, which stands inside as well
  if (cipher !== "none") throw new Refused("key_has_passphrase");
  const inner = sshReader(reader.string());
  if (inner.uint32() !== inner.uint32()) throw new Refused("key_damaged");
  if (inner.text() !== KIND) throw new Refused("key_other_kind");
  const point = inner.string();
  const seed = inner.string().slice(0, 32);
  if (point.length !== 32 || seed.length !== 32) throw new Refused("key_damaged");
  return { seed, point };
}

function sshReader(bytes) {
  let at = 0;
  const take = (length) => {
    if (length > bytes.length - at) throw new Refused("key_damaged");
    at += length;
    return bytes.slice(at - length, at);
  };
  const number = () => new DataView(take(4).buffer).getUint32(0);
  return {
    expect: (wanted) => {
      if (toHex(take(wanted.length)) !== toHex(wanted)) throw new Refused("key_damaged");
    },
    uint32: number,
    string: () => take(number()),
    text() {
      return new TextDecoder().decode(this.string());
    },
  };
}

// --- the signature ---

async function signedBytes(message) {
  const digest = await hash("SHA-512", message);
  return joinBytes(utf8("SSHSIG"), sshString(NAMESPACE), sshString(""), sshString("sha512"), sshString(digest));
}

// Signs a message; the signature is checked before it is shown, so that a key whose halves don't belong together is found here.
async function sign({ seed, point }, message) {
  const own = { kty: "OKP", crv: "Ed25519", x: toBase64Url(point) };
  const data = await signedBytes(message);
  try {
    const secret = await crypto.subtle.importKey("jwk", { ...own, d: toBase64Url(seed) }, { name: "Ed25519" }, false, ["sign"]);
    const proof = new Uint8Array(await crypto.subtle.sign({ name: "Ed25519" }, secret, data));
    const shown = await crypto.subtle.importKey("jwk", own, { name: "Ed25519" }, false, ["verify"]);
    if (await crypto.subtle.verify({ name: "Ed25519" }, shown, proof, data)) return armored(point, proof);
  } catch {
    // told below
  }
  throw new Refused("key_damaged");
}

function armored(point, proof) {
  const signature = joinBytes(sshString(KIND), sshString(proof));
  const parts = [publicBlob(point), NAMESPACE, "", "sha512", signature].map(sshString);
  const lines = toBase64(joinBytes(utf8("SSHSIG"), uint32(1), ...parts)).match(/.{1,70}/g);
  return `${["-----BEGIN SSH SIGNATURE-----", ...lines, "-----END SSH SIGNATURE-----"].join("\n")}\n`;
}

// Names what this browser lacks, "" where it has everything.
async function lacking() {
  if (!globalThis.crypto?.subtle) return globalThis.isSecureContext === false ? "browser_insecure" : "browser_old";
  try {
    await makeKey();
    return "";
  } catch {
    return "browser_old";
  }
}
