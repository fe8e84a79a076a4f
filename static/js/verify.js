// Checks a certificate, a checkpoint or an entry of the public log inside the browser, without trusting the server:
// SHA-256 and Ed25519 by WebCrypto, RFC 6962 trees, C2SP notes and tiles. Pages work without it.
const enc = new TextEncoder();
const words = document.querySelector("[data-verify-words]");
const out = document.querySelector("[data-verify-out]");

const join = (...parts) => {
  const all = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  parts.reduce((at, p) => (all.set(p, at), at + p.length), 0);
  return all;
};
const sha = async (...parts) => new Uint8Array(await crypto.subtle.digest("SHA-256", join(...parts)));
const leafHash = (entry) => sha([0], entry);
const nodeHash = (left, right) => sha([1], left, right);
const same = (a, b) => a.length === b.length && a.every((x, n) => x === b[n]);
const hex = (bytes) => [...bytes].map((b) => b.toString(16).padStart(2, "0")).join("");
const unhex = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const unbase64 = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));

// RFC 8785: JSON.stringify with sorted names is the canonical form.
const canonical = (value) =>
  Array.isArray(value) ? `[${value.map(canonical).join(",")}]`
  : value && typeof value === "object"
    ? `{${Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`
    : JSON.stringify(value);

// A signed note: {size, root, signed}; signed is null where the browser knows no Ed25519.
async function openNote(note, vkey) {
  const cut = note.lastIndexOf("\n\n");
  const text = note.slice(0, cut + 1);
  const [origin, size, root] = text.split("\n");
  const [name, , key] = vkey.match(/^(.*)\+([0-9a-f]{8})\+(.+)$/).slice(1);
  const bytes = unbase64(key);
  const id = (await sha(enc.encode(`${name}\n`), bytes)).slice(0, 4);
  let signed = false;
  for (const line of note.slice(cut + 2).split("\n")) {
    if (!line.startsWith(`— ${name} `)) continue;
    const signature = unbase64(line.slice(line.lastIndexOf(" ") + 1));
    if (!same(signature.slice(0, 4), id)) continue;
    try {
      const imported = await crypto.subtle.importKey("raw", bytes.slice(1), "Ed25519", false, ["verify"]);
      signed = origin === name && (await crypto.subtle.verify("Ed25519", imported, signature.slice(4), enc.encode(text)));
    } catch {
      signed = null;
    }
  }
  return { size: Number(size), root: unbase64(root), signed };
}

// Where an audit path leads, climbing from a leaf; null when it has the wrong length.
async function climb(hash, index, size, path) {
  let last = size - 1;
  for (const sibling of path) {
    if (last <= 0) return null;
    if (index % 2 || index === last) {
      hash = await nodeHash(sibling, hash);
      while (index && index % 2 === 0) { index = Math.floor(index / 2); last = Math.floor(last / 2); }
    } else hash = await nodeHash(hash, sibling);
    index = Math.floor(index / 2); last = Math.floor(last / 2);
  }
  return last === 0 ? hash : null;
}

// Subtree hashes of the served log, from its tiles alone.
function tilesOf(size, base) {
  const kept = new Map();
  const name = (index) => {
    let digits = String(index);
    digits = digits.padStart(Math.ceil(digits.length / 3) * 3, "0");
    return digits.match(/.../g).map((part, n, all) => (n < all.length - 1 ? `x${part}` : part)).join("/");
  };
  const tile = (level, index) => {
    const width = Math.min(256, Math.floor(size / 256 ** level) - index * 256);
    const path = `${base}tile/${level}/${name(index)}${width < 256 ? `.p/${width}` : ""}`;
    if (!kept.has(path)) kept.set(path, fetch(path).then((r) => (r.ok ? r.arrayBuffer() : Promise.reject(r))).then((b) => new Uint8Array(b)));
    return kept.get(path);
  };
  const split = (n) => 2 ** Math.ceil(Math.log2(n) - 1);
  const rootOf = async (hashes) => {
    if (hashes.length === 1) return hashes[0];
    const middle = split(hashes.length);
    return nodeHash(await rootOf(hashes.slice(0, middle)), await rootOf(hashes.slice(middle)));
  };
  const range = async (start, end) => {
    const length = end - start;
    const power = Math.round(Math.log2(length));
    if (2 ** power === length && start % length === 0) {
      const level = Math.floor(power / 8);
      const first = start / 256 ** level;
      const data = await tile(level, Math.floor(first / 256));
      const count = length / 256 ** level;
      return rootOf(Array.from({ length: count }, (_, n) => data.slice(((first % 256) + n) * 32, ((first % 256) + n + 1) * 32)));
    }
    const middle = start + split(length);
    return nodeHash(await range(start, middle), await range(middle, end));
  };
  const path = async (index, start, end) => {
    if (end - start === 1) return [];
    const middle = start + split(end - start);
    return index < middle
      ? [...(await path(index, start, middle)), await range(middle, end)]
      : [...(await path(index, middle, end)), await range(start, middle)];
  };
  return { range, path };
}

const word = (name) => words.querySelector(`[data-w="${name}"]`).textContent;
function show(steps) {
  const list = document.createElement("ul");
  list.className = "checks";
  list.setAttribute("role", "list");
  for (const [name, good] of steps) {
    const item = document.createElement("li");
    const sign = document.createElement("span");
    sign.className = good === null ? "" : good ? "c-ok" : "c-bad";
    sign.textContent = good === null ? "–" : good ? "✓" : "✗";
    const text = document.createElement("b");
    text.textContent = word(good === null ? name : `${name}-${good ? "ok" : "bad"}`);
    item.append(sign, text);
    list.append(item);
  }
  const by = document.createElement("p");
  by.className = "small dim";
  by.textContent = word("by");
  const key = document.createElement("p");
  key.className = "raw";
  key.textContent = words.dataset.key;
  out.replaceChildren(list, by, key);
  out.hidden = false;
}
function say(name) {
  const text = document.createElement("p");
  text.textContent = word(name);
  out.replaceChildren(text);
  out.hidden = false;
}

const signature = (note) => (note.signed === null ? ["signature-skip", null] : ["signature", note.signed]);

// What is served now: does it hold the entry, and does it begin with what an older checkpoint covers?
async function compare(steps, vkey, entry, index, older) {
  const base = words.dataset.log.replace(/checkpoint$/, "");
  try {
    const now = await openNote(await (await fetch(words.dataset.log, { cache: "no-store" })).text(), vkey);
    if (!older || now.signed === false) steps.push(signature(now));
    const tiles = tilesOf(now.size, base);
    if (entry) {
      const holds = index < now.size && (await climb(await leafHash(entry), index, now.size, await tiles.path(index, 0, now.size)));
      steps.push(["tiles", Boolean(holds) && same(holds, now.root)]);
    }
    if (older) {
      const root = older.size <= now.size && (older.size ? await tiles.range(0, older.size) : await sha());
      steps.push(["history", Boolean(root) && same(root, older.root)]);
    }
  } catch {
    steps.push(["offline", null]);
  }
}

async function check(text, index) {
  const vkey = words.dataset.key;
  const steps = [];
  if (text.includes('"certificate"')) {
    const given = JSON.parse(text);
    const entry = enc.encode(given.entry);
    const facts = await sha(unhex(given.salt), enc.encode(canonical(given.facts)));
    steps.push(["facts", hex(facts) === JSON.parse(given.entry).commitment]);
    const cut = given.proof.indexOf("\n\n");
    const lines = given.proof.slice(0, cut).split("\n").slice(1).filter((line) => !line.startsWith("extra "));
    const note = await openNote(given.proof.slice(cut + 2), vkey);
    const at = Number(lines[0].slice("index ".length));
    steps.push(signature(note));
    const root = await climb(await leafHash(entry), at, note.size, lines.slice(1).map(unbase64));
    steps.push(["inclusion", Boolean(root) && same(root, note.root)]);
    await compare(steps, vkey, entry, at, note.signed === false ? null : note);
  } else if (text.includes("\n— ")) {
    const note = await openNote(text.endsWith("\n") ? text : `${text}\n`, vkey);
    steps.push(signature(note));
    if (note.signed !== false) await compare(steps, vkey, null, 0, note);
  } else if (index !== null) {
    await compare(steps, vkey, enc.encode(text), index, null);
  } else return say("unknown");
  show(steps);
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest('button[name="verify"]');
  if (!button || !words) return;
  if (!globalThis.crypto?.subtle) return say("none");
  button.disabled = true;
  try {
    if (button.value === "form") {
      const file = document.getElementById("file")?.files?.[0];
      await check((file ? await file.text() : document.getElementById("text").value).trim(), null);
    } else await check(document.querySelector("[data-verify-entry]").textContent, Number(button.value));
  } catch {
    say("unknown");
  }
  button.disabled = false;
});
