// One row of a table as elements. Every text is set as text: nothing from outside is ever read as markup.

const minutes = new Intl.DateTimeFormat("sv-SE", {
  timeZone: facts.zone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
});
const decimals = new Intl.NumberFormat("en-US", { minimumFractionDigits: 1, maximumFractionDigits: 1, roundingMode: "halfEven" });
const whole = new Intl.NumberFormat("en-US");
const NONE = "–";
const PAIR = "/{}";
const SHORT_SHA = 10;

/** A key as people say it: `#123`, a tag, the first ten digits of a hash. */
function shortKey(key) {
  const at = key.indexOf(":");
  const kind = key.slice(0, at);
  const rest = key.slice(at + 1);
  if (kind === "failure") return shortKey(rest);
  if (kind === "deployment") return `deployment ${rest}`;
  if (kind === "pr" || kind === "issue") return `#${rest}`;
  if (kind === "commit" || kind === "merge" || kind === "annotation") return rest.slice(0, SHORT_SHA);
  return kind === "tag" || kind === "release" ? rest : key;
}

const addressOf = (url, key) => (url.endsWith(PAIR) ? url.slice(0, -2) + key.slice(key.indexOf(":") + 1) : url);

function appendText(cell, text, badges, note) {
  if (text) cell.append(make("bdi", "", text));
  appendRest(cell, badges, note);
}

function appendRest(cell, badges, note) {
  for (const badge of badges.split(" ").filter(Boolean)) cell.append(" ", make("span", `badge ${badge}`, badge));
  if (note) {
    const small = make("span", "small");
    small.append(make("bdi", "", note));
    cell.append(small);
  }
}

function appendLink(cell, column, read, row) {
  const key = read("key", row);
  const text = read(column.text, row);
  const url = addressOf(read(column.url, row), key);
  if (url) {
    const link = make("a");
    link.href = url;
    link.rel = "noopener noreferrer";
    link.append(make("bdi", "", text || shortKey(key)));
    cell.append(link);
  } else {
    cell.append(make("bdi", "", text || shortKey(key)));
  }
  const short = column.badges && text ? shortKey(key) : "";
  const note = [short, column.note ? read(column.note, row) : ""].filter(Boolean).join(" · ");
  appendRest(cell, column.badges ? read(column.badges, row) : "", note);
}

/** The cell of a column: `read(name, row)` gives the values. */
function cellOf(column, read, row) {
  const cell = make("td");
  if (column.kind === "time") {
    const moment = read(column.time, row);
    cell.className = "whole";
    cell.textContent = moment === null ? column.otherwise ?? NONE : minutes.format(moment * 1000);
  } else if (column.kind === "link") {
    cell.className = "long";
    appendLink(cell, column, read, row);
  } else if (column.kind === "duration") {
    const seconds = read(column.seconds, row);
    cell.className = "number";
    const otherwise = column.otherwise ? read(column.otherwise, row) : NONE;
    cell.textContent = seconds === null ? otherwise : decimals.format(seconds / column.unit);
  } else if (column.kind === "count") {
    const count = read(column.count, row);
    cell.className = "number";
    cell.textContent = count === "" ? "" : whole.format(Number(count));
  } else {
    if (column.note && read(column.note, row)) cell.className = "noted";
    appendText(cell, read(column.text, row) || (column.note || column.badges ? "" : NONE),
      column.badges ? read(column.badges, row) : "", column.note ? read(column.note, row) : "");
  }
  return cell;
}

/** By what a column is sorted: a number or a small-lettered text; `null` stands last. */
function sortValue(column, read, row) {
  if (column.kind === "time") return read(column.time, row);
  if (column.kind === "duration") return read(column.seconds, row);
  if (column.kind === "count") return Number(read(column.count, row));
  return String(read(column.text, row) || read("key", row)).toLowerCase();
}
