// Without this everything works. With it, another window of the same page is told of a save, and the browser's signal
// (Global Privacy Control) is saved by itself, once. It asks nobody but this page's own address.
"use strict";

(() => {
  const find = (selector) => document.querySelector(selector);
  const remembered = (name, value) => {
    try {
      const known = localStorage.getItem(name) === value;
      localStorage.setItem(name, value);
      return known;
    } catch {
      return false; // a browser that keeps nothing
    }
  };

  const tellOthers = (live) => {
    if (!("BroadcastChannel" in window)) return;
    const windows = new BroadcastChannel("sayso");
    windows.onmessage = ({ data }) => {
      if (data.path !== location.pathname || data.saved === live.dataset.saved) return;
      live.textContent = `${live.dataset.told} ${data.said}`;
    };
    const said = find(".saved [role=status]");
    if (!live.dataset.saved || !said || remembered(`sayso ${location.pathname}`, live.dataset.saved)) return;
    windows.postMessage({ path: location.pathname, saved: live.dataset.saved, said: said.innerText });
  };

  const saveSignal = async (form) => {
    if (!navigator.globalPrivacyControl || remembered(`sayso gpc ${location.pathname}`, "saved")) return;
    const body = new URLSearchParams(new FormData(form));
    body.set("act", "gpc");
    const answer = await fetch(form.action, { method: "POST", body }).catch(() => null);
    if (answer && answer.ok) find("[data-gpc-done]").hidden = false;
    else localStorage.removeItem(`sayso gpc ${location.pathname}`);
  };

  // What is being turned on is on in a moment: look again, unless the person is at work on the page already.
  const lookAgain = () => {
    const tries = Number(sessionStorage.getItem(location.search) || 0);
    if (!find("[data-waiting]") || tries > 5) return;
    let touched = false;
    addEventListener("input", () => (touched = true), { once: true });
    setTimeout(() => {
      if (touched) return;
      sessionStorage.setItem(location.search, String(tries + 1));
      location.reload();
    }, 1500);
  };

  const live = find("[data-live]");
  if (live) tellOthers(live);
  const sharing = find("[data-gpc]");
  if (sharing) saveSignal(sharing);
  lookAgain();
})();
