// Everything works without this file: it saves taps and keeps the clock. No state that the server needs.
const d = document, $ = (s, r = d) => r.querySelector(s), $$ = (s, r = d) => [...r.querySelectorAll(s)];
const root = d.documentElement;
root.classList.add("js");

// Light or dark: follow the system until the person chooses.
const memory = {
  get: k => { try { return localStorage.getItem(k) } catch { return null } },
  set: (k, v) => { try { localStorage.setItem(k, v) } catch { /* private window: the choice lasts one page */ } },
};
if (memory.get("theme")) root.dataset.theme = memory.get("theme");
$$("[data-theme-toggle]").forEach(b => b.addEventListener("click", () => {
  const now = root.dataset.theme ?? (matchMedia("(prefers-color-scheme:dark)").matches ? "dark" : "light");
  root.dataset.theme = now === "dark" ? "light" : "dark";
  memory.set("theme", root.dataset.theme);
}));

// The menu closes on Escape and on a click elsewhere.
$$("details.menu").forEach(m => {
  d.addEventListener("keydown", e => { if (e.key === "Escape" && m.open) { m.open = false; $("summary", m).focus() } });
  d.addEventListener("click", e => { if (!m.contains(e.target)) m.open = false });
});

// A row of tabs that is too long begins at the one that is open.
$$(".tabs [aria-current]").forEach(t => {
  t.parentElement.scrollLeft += t.getBoundingClientRect().left - t.parentElement.getBoundingClientRect().left - 16;
});

// Guest counters: the buttons stop at the limits of the number field.
$$(".step").forEach(s => {
  const n = $("input", s), low = n.min === "" ? 0 : +n.min, high = n.max === "" ? Infinity : +n.max;
  const edges = () => $$("button", s).forEach(b => b.setAttribute("aria-disabled", +b.dataset.by < 0 ? +n.value <= low : +n.value >= high));
  s.addEventListener("click", e => {
    const by = +e.target.closest("button")?.dataset.by;
    if (!by) return;
    const to = Math.min(high, Math.max(low, +n.value + by));
    if (to !== +n.value) { n.value = to; n.dispatchEvent(new Event("change", { bubbles: true })) }
    edges();
  });
  n.addEventListener("input", edges);
  edges();
});

// A hold: counts to an absolute instant, so a reload or a sleeping phone changes nothing.
// Spoken only at the moments the server wrote out (data-at, seconds left), and once when it ends.
$$("[data-until-ms]").forEach(h => {
  const out = $("[data-left]", h), say = $("[data-say]", h), until = +h.dataset.untilMs;
  const marks = $$("[data-at]", h).map(m => [+m.dataset.at, m.textContent]).sort((a, b) => a[0] - b[0]);
  const left = () => Math.max(0, Math.round((until - Date.now()) / 1000));
  const started = left();
  let said = Infinity, timer;
  const tick = () => {
    clearTimeout(timer);
    const s = left();
    out.textContent = [s / 3600, s / 60 % 60, s % 60].map(Math.floor).map((n, i) => String(n).padStart(i ? 2 : 1, "0")).join(":").replace(/^0:/, "");
    const mark = marks.find(([at]) => s <= at);
    if (mark && mark[0] < said && mark[0] < started) say.textContent = mark[1];
    if (mark) said = mark[0];
    if (s) timer = setTimeout(tick, 1000); else h.classList.add("over");
  };
  tick();
  d.addEventListener("visibilitychange", () => { if (!d.hidden) tick() });
});

// A form whose price depends on its fields: ask the page named in data-requote for the same fields and
// take over its [data-quote]. Nothing reloads, nothing moves the focus; without an answer the old price
// stays and the server decides on submit.
$$("form[data-requote]").forEach(f => {
  let timer, ask;
  f.addEventListener("change", () => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      ask?.abort();
      ask = new AbortController();
      const query = new URLSearchParams(new FormData(f));
      query.delete("csrf");
      try {
        const answer = await fetch(`${f.dataset.requote}?${query}`, { signal: ask.signal });
        if (!answer.ok) return;
        const fresh = $("[data-quote]", new DOMParser().parseFromString(await answer.text(), "text/html"));
        if (fresh) $("[data-quote]", f)?.replaceChildren(...fresh.childNodes);
      } catch { /* no signal, or a newer question: keep what is shown */ }
    }, 350);
  });
});

// Long work that the page shows: look again every two seconds, and open the page anew once it is done.
const watched = $("[data-watch]");
if (watched) setInterval(async () => {
  try {
    const fresh = $("[data-watch]", new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html"));
    if (fresh) watched.replaceChildren(...fresh.childNodes); else location.reload();
  } catch { /* no signal: the next look may have one */ }
}, 2000);

// Work desks: j and k move between rows, Enter opens.
const rows = $$("[data-rows] tbody tr");
if (rows.length) {
  let i = -1;
  addEventListener("keydown", e => {
    if (e.target.matches("input,select,textarea") || e.ctrlKey || e.metaKey || e.altKey || (e.key !== "j" && e.key !== "k")) return;
    i = Math.min(rows.length - 1, Math.max(0, i + (e.key === "j" ? 1 : -1)));
    $("a", rows[i])?.focus();
  });
}

$$("[data-print]").forEach(b => b.addEventListener("click", () => print()));
$(".problem")?.focus();
