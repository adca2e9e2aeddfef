// The page beside a form, as the form has it now. The browser itself sends the form, files included, into a frame of its
// own, which takes the place of the one before once it is there: so nothing flickers, and the history stays as it was.
(() => {
  const WAIT_MS = 250;
  const panel = document.getElementById("preview");
  const form = document.getElementById(panel.dataset.form);
  let shown = panel.querySelector("iframe");
  let number = 0;
  let timer;

  function send(name) {
    const kept = ["action", "target", "enctype"].map((key) => [key, form.getAttribute(key)]);
    form.action = panel.dataset.address;
    form.target = name;
    form.enctype = "multipart/form-data";
    form.submit(); // not the event: what the frame's scripts do on saving is not meant
    for (const [key, value] of kept) {
      if (value === null) form.removeAttribute(key);
      else form.setAttribute(key, value);
    }
  }

  function replace(next, mine) {
    if (next.contentDocument?.URL === "about:blank") return;
    if (mine !== number) return next.remove();
    next.contentWindow.scrollTo(0, shown.contentWindow?.scrollY ?? 0);
    next.classList.remove("is-waiting");
    shown.remove();
    shown = next;
  }

  function draw() {
    const next = shown.cloneNode();
    const mine = ++number;
    next.name = `preview-${mine}`;
    next.classList.add("is-waiting");
    shown.after(next);
    next.addEventListener("load", () => replace(next, mine));
    send(next.name);
  }

  for (const kind of ["input", "change"]) {
    document.addEventListener(kind, (event) => {
      if (event.target.form !== form) return;
      clearTimeout(timer);
      timer = setTimeout(draw, WAIT_MS);
    });
  }
  draw();
})();
