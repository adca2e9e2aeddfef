// What tests/browser/audit.py asks a page; beside axe.
window.audit = {
  stops: [],
  said: [],
  direction: document.documentElement.dir,

  async violations(only) {
    const found = await axe.run(document, { runOnly: only, resultTypes: ["violations"] });
    return found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(" | ").slice(0, 300)}`);
  },

  dress(declared) {
    document.documentElement.style.cssText = declared;
  },

  turn(other) {
    const turned = this.direction === "rtl" ? "ltr" : "rtl";
    document.documentElement.dir = other ? turned : this.direction;
  },

  seen(selector) {
    return [...document.querySelectorAll(selector)].filter((one) => one.checkVisibility());
  },

  // Targets that are too small; a box within its label has the label's size.
  small(least) {
    return this.seen("a[href], button, summary, select, textarea, label, input:not([type=hidden])")
      .map((one) => (one.matches("label > input") ? one.parentElement : one))
      .filter((one) => one.getBoundingClientRect().height < least && !one.matches(".field > label"))
      .map((one) => `${one.getBoundingClientRect().height} px high: ${this.name(one)}`);
  },

  // Where Tab stops, in order; radios of one name are one stop. Each is looked at as Tab is let go there.
  count(least) {
    const same = (one) => [...document.getElementsByName(one.name)].filter((other) => other.form === one.form);
    this.stops = this.seen("a[href], button, summary, select, textarea, input:not([type=hidden])")
      .filter((one) => !one.disabled)
      .filter((one) => one.type !== "radio" || one === (same(one).find((other) => other.checked) ?? same(one)[0]));
    document.body.tabIndex = -1; // the next Tab starts at the beginning
    document.body.focus();
    document.body.removeAttribute("tabindex");
    this.said = [];
    this.look = () => this.said.push(this.stop(this.said.length, least));
    window.addEventListener("keyup", this.look, true);
    return this.stops.length;
  },

  // What was wrong on the way, once Tab was pressed so often.
  walked() {
    window.removeEventListener("keyup", this.look, true);
    const missed = this.said.length === this.stops.length ? [] : [`Tab was seen ${this.said.length} times, not ${this.stops.length}`];
    return [...this.said.filter((one) => one), ...missed];
  },

  // What is wrong where Tab has come to, or nothing.
  stop(number, least) {
    const one = this.stops[number];
    const style = getComputedStyle(one);
    const box = one.getBoundingClientRect();
    const there = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    if (document.activeElement !== one) return `Tab ${number} is at ${this.name(document.activeElement)}, not at ${this.name(one)}`;
    if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < least) return `no outline: ${this.name(one)}`;
    return there && (one.contains(there) || there.contains(one)) ? "" : `covered: ${this.name(one)}`;
  },

  name(one) {
    return one.outerHTML.slice(0, 120);
  },
};
