// On the arrivals list only: starts the worker that keeps the list, and shows what waits to be sent.
// Without this file the forms do the same, as long as there is a signal.
const d = document, $ = (s, r = d) => r.querySelector(s);
const box = $("[data-arrivals]"), { scope, worker } = box.dataset, say = k => box.dataset[`w${k}`];
const tag = (kind, text) => Object.assign(d.createElement("span"), { className: `tag tag-${kind}`, textContent: text });
const clock = at => new Date(at).toLocaleTimeString(d.documentElement.lang, { hour: "2-digit", minute: "2-digit", timeZone: "Asia/Makassar" }) + " WITA";
const post = message => navigator.serviceWorker.controller?.postMessage(message);

const rowOf = item => {
  const code = item.code?.toUpperCase().replace(/[^2-9A-Z]/g, "");
  const reference = item.reference || item.token?.split("-")[0];
  return reference ? $(`[data-guest="${CSS.escape(reference)}"]`) : code ? $(`[data-code="${CSS.escape(code)}"],[data-guest="${CSS.escape(code)}"]`) : null;
};
const nameOf = item => rowOf(item)?.dataset.name ?? item.code ?? item.reference ?? say("Unknown");

const show = items => {
  $("[data-queue]").replaceChildren(...items.map(item => {
    const line = d.createElement("div"), text = d.createElement("p");
    line.className = `note note-${item.outcome ? "bad" : "wait"}`;
    line.dataset.item = item.outcome ?? "waiting";
    const name = Object.assign(d.createElement("b"), { textContent: nameOf(item) });
    text.append(name, ` · ${clock(item.at)} · `, item.outcome ? `${say("Refused")}: ${item.message}` : say("Waiting"));
    line.append(text);
    if (item.outcome) {
      const done = Object.assign(d.createElement("button"), { type: "button", className: "btn btn-s", textContent: say("Close") });
      done.addEventListener("click", () => post({ type: "drop", key: item.key }));
      line.append(done);
    } else {
      const row = rowOf(item);
      if (row) {
        $("[data-state]", row).replaceChildren(tag("wait", say("Waiting")));
        $("[data-check-in]", row)?.remove();
      }
    }
    return line;
  }), ...scanned(items));
  $("[data-unsent]").hidden = !items.some(item => !item.outcome);
};

// The camera opened a voucher's code and nothing answered: this is the kept list under the code's address.
const scanned = items => {
  const token = location.pathname.startsWith(`${scope}/scan/`) ? location.pathname.slice(scope.length + 6) : "";
  if (!token || items.some(item => item.token === token)) return [];
  const line = d.createElement("div"), text = d.createElement("p"), item = { token, how: "qr" };
  line.className = "note note-wait";
  text.append(Object.assign(d.createElement("b"), { textContent: nameOf(item) }), ` · ${say("Scanned")}`);
  const button = Object.assign(d.createElement("button"), { type: "button", className: "btn btn-main", textContent: say("In") });
  button.addEventListener("click", () => post({ type: "add", item: { ...item, key: crypto.randomUUID(), at: new Date().toISOString() } }));
  line.append(text, button);
  return [line];
};

if ("serviceWorker" in navigator) {
  const held = navigator.serviceWorker;
  held.addEventListener("message", e => {
    if (e.data.items) show(e.data.items);
    else if (e.data.sent && navigator.onLine && !location.pathname.includes("/scan/")) location.reload();
    else post({ type: "queue" });
  });
  const begin = () => {
    post({ type: "queue" });
    post({ type: "flush" });
  };
  held.register(worker, { scope }).then(() => held.ready).then(() => {
    const start = () => {
      const used = [...d.querySelectorAll("link[rel=stylesheet],link[rel=preload],link[rel=icon],script[src]")].map(e => e.href || e.src);
      post({ type: "keep", urls: [...new Set([scope, ...used])] });
      begin();
    };
    if (held.controller) start(); else held.addEventListener("controllerchange", start, { once: true });
  }).catch(() => { /* no worker here (a private window): the page stays a plain page */ });
  addEventListener("online", begin);
  setInterval(begin, 30e3);
}
