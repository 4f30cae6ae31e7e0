// The tables of items: all rows of the page's block, searched, filtered, sorted and shown a page at a time.

const PAGE = 25;
const HEAD = { time: "", link: "", text: "", duration: "number", count: "number" };
const FILTERS = {
  deployments: {
    failed: (row) => row.failed === "failed",
    proposal: (row) => row.badges === "proposal",
    hotfix: (row) => row.kind === "hotfix",
    rollback: (row) => row.kind === "rollback",
  },
  failures: {
    proposal: (row) => row.badges === "proposal",
    open: (row) => row.until === null,
    untied: (row) => row.attribution === "unattributed" || row.attribution === "not_in_Dc",
  },
  changes: {
    counted: (row) => row.state === "counted",
    waiting: (row) => row.state === "waiting",
    "left-out": (row) => row.state === "left out",
    hotfix: (row) => row.badges.includes("hotfix"),
    revert: (row) => row.badges.includes("revert"),
  },
};

/** Moments and lead times as they were, from how long before the deployment they lay. */
function unfold(values) {
  const whole = (name, row) => (Array.isArray(values[name]) ? values[name][row] : values[name].of[values[name].at[row]]);
  const ends = values.key.map((_, row) => whole("t", row) ?? facts.as_of);
  const plain = { ...values };
  for (const [name, column] of Object.entries(values)) {
    if (column.before) plain[name] = column.before.map((ago, row) => (ago === null ? null : ends[row] - ago));
  }
  if (values.lead) {
    const since = values.began.before;
    plain.lead = values.lead.beyond.map((more, row) => (more === null ? null : more + (since[row] ?? 0)));
  }
  return plain;
}

class ItemTable {
  constructor(name, table, section) {
    this.name = name;
    this.columns = table.columns;
    this.values = unfold(table.values);
    const first = this.values.key;
    this.size = first.length;
    this.section = section;
    this.tools = section.querySelector(".tools");
    this.state = { text: "", filter: "", period: "", items: null, sort: null, down: false, page: 0 };
    this.rows = once(() => this.makeRows());
    this.texts = once(() => this.makeTexts());
    this.build();
    this.wire();
    this.draw();
  }

  read = (name, row) => {
    const column = this.values[name];
    if (column === undefined) return "";
    return Array.isArray(column) ? column[row] : column.of[column.at[row]];
  };

  makeRows() {
    const names = ["key", "t", "from", "until", "began", "lead", "named", "state", "kind", "failed", "recovery", "badges", "attribution"];
    const known = names.filter((name) => name in this.values);
    return Array.from({ length: this.size }, (_, row) => Object.fromEntries(known.map((name) => [name, this.read(name, row)])));
  }

  makeTexts() {
    const names = Object.keys(this.values).filter((name) => typeof this.read(name, 0) === "string");
    return Array.from({ length: this.size }, (_, row) =>
      [...names.map((name) => this.read(name, row)), shortKey(this.read("key", row))].join("\n").toLowerCase());
  }

  build() {
    const table = make("table");
    const head = make("tr");
    this.heads = this.columns.map((column, place) => {
      const cell = make("th", HEAD[column.kind]);
      cell.scope = "col";
      const button = make("button", "sort", column.heading);
      button.type = "button";
      button.addEventListener("click", () => this.sortBy(place));
      cell.append(button);
      head.append(cell);
      return cell;
    });
    const top = make("thead");
    top.append(head);
    this.body = make("tbody");
    table.append(top, this.body);
    this.scroll = make("div", "scroll full");
    this.scroll.tabIndex = 0;
    this.scroll.setAttribute("role", "region");
    this.scroll.setAttribute("aria-label", this.section.dataset.heading);
    this.scroll.append(table);
    this.section.querySelector(".static").replaceChildren(this.scroll);
    this.tools.hidden = false;
    this.section.querySelector(".pager").hidden = false;
  }

  wire() {
    const part = (name) => this.section.querySelector(name);
    const change = (name, key) => part(name).addEventListener("input", (event) => this.set({ [key]: event.target.value }));
    this.parts = { said: part(".said"), clear: part(".clear"), earlier: part(".earlier"), later: part(".later"), place: part(".place") };
    this.fields = { text: part(".search"), filter: part(".filter"), period: part(".within") };
    change(".search", "text");
    change(".filter", "filter");
    change(".within", "period");
    this.parts.clear.addEventListener("click", () => this.clear());
    this.parts.earlier.addEventListener("click", () => this.turn(-1));
    this.parts.later.addEventListener("click", () => this.turn(1));
    this.fillPeriods();
  }

  /** The periods that can be chosen: those of the length that the page speaks of. */
  fillPeriods() {
    const periods = facts.grains[chosen.grain].periods.filter(([label]) => label !== "overall");
    this.fields.period.replaceChildren(new Option("The whole history", ""), ...periods.map(([label]) => new Option(label, label)));
    this.state.period = "";
  }

  set(changed) {
    Object.assign(this.state, { page: 0 }, changed);
    this.draw();
  }

  clear() {
    for (const field of Object.values(this.fields)) field.value = "";
    this.set({ text: "", filter: "", period: "", items: null });
    this.fields.text.focus();
  }

  turn(step) {
    this.state.page += step;
    this.draw();
    this.scroll.scrollTop = 0;
  }

  sortBy(place) {
    const down = this.state.sort === place ? !this.state.down : this.columns[place].kind !== "text" && this.columns[place].kind !== "link";
    this.set({ sort: place, down });
  }

  /** The numbers of the rows that are wanted, in the wanted order. */
  found() {
    const { text, filter, period, items, sort, down } = this.state;
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    const texts = words.length ? this.texts() : null;
    const rows = this.rows();
    const within = period ? windowOf(chosen.grain, period) : null;
    const test = filter ? FILTERS[this.name][filter] : null;
    const numbers = [];
    for (let row = 0; row < this.size; row += 1) {
      if (items && !items.test(rows[row])) continue;
      if (test && !test(rows[row])) continue;
      if (within && !inside(rows[row].t, within)) continue;
      if (texts && !words.every((word) => texts[row].includes(word))) continue;
      numbers.push(row);
    }
    return sort === null ? numbers : this.sorted(numbers, this.columns[sort], down);
  }

  sorted(numbers, column, down) {
    const values = new Map(numbers.map((row) => [row, sortValue(column, this.read, row)]));
    const sign = down ? -1 : 1;
    return numbers.sort((one, other) => {
      const [a, b] = [values.get(one), values.get(other)];
      if (a === b) return one - other;
      if (a === null) return 1;
      if (b === null) return -1;
      return a < b ? -sign : sign;
    });
  }

  draw() {
    const numbers = this.found();
    const pages = Math.max(Math.ceil(numbers.length / PAGE), 1);
    this.state.page = Math.min(Math.max(this.state.page, 0), pages - 1);
    const from = this.state.page * PAGE;
    const shown = numbers.slice(from, from + PAGE);
    this.body.replaceChildren(...shown.map((row) => this.rowOf(row)));
    this.heads.forEach((cell, place) => {
      const order = this.state.down ? "descending" : "ascending";
      if (place === this.state.sort) cell.setAttribute("aria-sort", order);
      else cell.removeAttribute("aria-sort");
    });
    this.tell(numbers.length, from, shown.length, pages);
  }

  rowOf(number) {
    const row = make("tr", this.read("failed", number) === "failed" ? "struck" : "");
    row.append(...this.columns.map((column) => cellOf(column, this.read, number)));
    return row;
  }

  tell(found, from, shown, pages) {
    const { text, filter, period, items } = this.state;
    const narrowed = Boolean(text || filter || period || items);
    const { said, clear, earlier, later, place } = this.parts;
    const count = narrowed ? `${whole.format(found)} of ${whole.format(this.size)}` : `${whole.format(this.size)} in all`;
    said.textContent = items ? `${items.words}: ${whole.format(found)}` : count;
    this.section.dataset.found = String(found);
    clear.hidden = !narrowed;
    earlier.disabled = from === 0;
    later.disabled = from + shown >= found;
    place.textContent = found ? `${whole.format(from + 1)} to ${whole.format(from + shown)} of ${whole.format(found)}` : "Nothing fits";
    this.section.querySelector(".pager").hidden = pages < 2 && found > 0;
  }
}
