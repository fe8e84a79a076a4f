// Keeps the host's arrivals list for places without signal, and the check-ins made there until they can be sent.
// Acts for the arrivals pages only. Network first, always: what is kept is shown when nothing answers.
const KEPT = "arrivals-1", FOR_MS = 36 * 3600e3, MOST_PAGES = 12;
const scope = new URL(self.registration.scope).pathname;
const page = path => path === scope || path.startsWith(scope + "/");

// What waits: one row a check-in, { key, at, how, reference | code | token, name, outcome?, message? }.
const open = () => new Promise((done, fail) => {
  const ask = indexedDB.open("arrivals", 1);
  ask.onupgradeneeded = () => ask.result.createObjectStore("queue", { keyPath: "key" });
  ask.onsuccess = () => done(ask.result);
  ask.onerror = () => fail(ask.error);
});
const work = async (mode, act) => {
  const base = await open();
  return new Promise((done, fail) => {
    const turn = base.transaction("queue", mode), ask = act(turn.objectStore("queue"));
    turn.oncomplete = () => { base.close(); done(ask.result) };
    turn.onabort = turn.onerror = () => { base.close(); fail(turn.error) };
  });
};
const all = () => work("readonly", s => s.getAll());
const put = item => work("readwrite", s => s.put(item));
const drop = key => work("readwrite", s => s.delete(key));
const tell = async what => (await self.clients.matchAll({ includeUncontrolled: true })).forEach(c => page(new URL(c.url).pathname) && c.postMessage(what));

const forget = async () => { await caches.delete(KEPT) };
// Signed out, or no host any more: nothing may stay to be read.
const shut = answer => answer.redirected || answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403;

const keep = async (request, answer) => {
  const kept = await caches.open(KEPT), headers = new Headers(answer.headers);
  headers.set("x-kept-at", String(Date.now()));
  await kept.put(request, new Response(await answer.blob(), { status: answer.status, headers }));
  const pages = (await kept.keys()).filter(r => page(new URL(r.url).pathname));
  for (const old of pages.slice(0, Math.max(0, pages.length - MOST_PAGES))) await kept.delete(old);
};
const kept = async request => {
  const found = await (await caches.open(KEPT)).match(request);
  if (!found) return;
  if (Date.now() - Number(found.headers.get("x-kept-at")) < FOR_MS) return found;
  await forget();
};

const look = async request => {
  try {
    const answer = await fetch(request);
    if (shut(answer)) await forget();
    else if (answer.ok && new URL(request.url).pathname === scope) await keep(request, answer.clone());
    return answer;
  } catch (error) {
    // A guest's own page, or a scanned code: the list knows the guest too.
    const found = await kept(request) ?? await kept(scope);
    if (found) return found;
    throw error;
  }
};

// A form that found no signal: the check-in waits here with the time it was made, and the list is shown again.
const send = async request => {
  const copy = request.clone();
  try {
    return await fetch(request);
  } catch (error) {
    const form = await copy.formData(), last = new URL(copy.url).pathname.slice(scope.length + 1);
    const item = { key: form.get("key") || crypto.randomUUID(), at: new Date().toISOString() };
    if (!last && form.get("code")) Object.assign(item, { how: "code", code: form.get("code") });
    else if (last && !last.includes("/")) Object.assign(item, { how: form.get("how") || "list", reference: last });
    else throw error;
    await put(item);
    await self.registration.sync?.register("arrivals").catch(() => {});
    return Response.redirect(scope, 303);
  }
};

const fixed = async request => {
  const known = await (await caches.open(KEPT)).match(request);
  if (known) return known;
  const answer = await fetch(request);
  if (answer.ok) await keep(request, answer.clone());
  return answer;
};

let sending;
const flush = () => sending ??= (async () => {
  const waiting = (await all()).filter(item => !item.outcome).slice(0, 100);
  if (!waiting.length) return;
  const list = await fetch(scope, { credentials: "same-origin" });
  if (shut(list)) return void await forget();
  const token = /name="csrf" value="([^"]+)"/.exec(await list.text())?.[1];
  if (!token) return;
  const body = new URLSearchParams({ csrf: token, items: JSON.stringify(waiting) });
  const answer = await fetch(`${scope}/sync`, { method: "POST", body, credentials: "same-origin" });
  if (!answer.ok || answer.redirected) return;
  for (const said of (await answer.json()).answers) {
    if (said.outcome === "refused") await put({ ...waiting.find(i => i.key === said.key), ...said, stated: said.at, at: waiting.find(i => i.key === said.key).at });
    else await drop(said.key);
  }
  await tell({ sent: true });
})().catch(() => {}).finally(() => { sending = undefined });

addEventListener("install", () => self.skipWaiting());
addEventListener("activate", e => e.waitUntil(self.clients.claim()));
addEventListener("sync", e => e.tag === "arrivals" && e.waitUntil(flush()));
addEventListener("fetch", e => {
  const url = new URL(e.request.url);
  if (url.origin !== location.origin) return;
  if (e.request.mode === "navigate" && page(url.pathname)) e.respondWith(e.request.method === "POST" ? send(e.request) : look(e.request));
  else if (e.request.method === "GET" && url.pathname.startsWith("/static/")) e.respondWith(fixed(e.request));
});
addEventListener("message", e => {
  const { type, item, key, urls } = e.data;
  if (type === "flush") e.waitUntil(flush());
  else if (type === "add") e.waitUntil(put(item).then(() => tell({ queued: true })));
  else if (type === "drop") e.waitUntil(drop(key).then(() => tell({ queued: true })));
  else if (type === "queue") e.waitUntil(all().then(items => e.source.postMessage({ items })));
  else if (type === "keep") e.waitUntil(Promise.all(urls.map(async u => {
    const answer = await fetch(u, { credentials: "same-origin" });
    if (answer.ok && !answer.redirected) await keep(new Request(u), answer);
  })).catch(() => {}));
});
