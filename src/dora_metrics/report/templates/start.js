// Where it begins: tables from the page's block, ways from numbers to items, periods.

/** Where not all rows fit into the page, it says so, and where they are. */
function sayRoom(note, name) {
  const [kept, total] = [facts.kept[name] ?? 0, facts.totals[name]];
  note.hidden = kept === total;
  note.textContent = `The page has room for the newest ${whole.format(kept)} of ${whole.format(total)} rows; all stand in ${note.dataset.file}.`;
}

/** The three tables, each in the place of the rows that stand there without JavaScript. */
const tables = once(async () => {
  const packed = await unpack("items");
  const made = new Map();
  for (const note of document.querySelectorAll(".room")) sayRoom(note, note.closest("details").id);
  for (const [name, table] of Object.entries(packed)) {
    if (facts.kept[name]) made.set(name, new ItemTable(name, table, byId(name)));
  }
  if (made.has("changes")) {
    for (const id of ["undeployed", "left-out"]) byId(id).hidden = true;
    byId("changes").querySelector("h3").textContent = "Changes";
    byId("changes").querySelector(".count").textContent = byId("changes").dataset.all;
    byId("changes").dataset.heading = "Changes";
  }
  return made;
});

/** Go to a section; the browser's way back leads to where the reader was. */
function goTo(section) {
  section.open = true;
  if (location.hash !== `#${section.id}`) location.hash = section.id;
  section.scrollIntoView({ block: "start" });
}

/** Show exactly the items behind a number or a mark. */
async function follow(from) {
  const { show, key } = from.dataset;
  if (!show) return;
  const period = from.dataset.period ?? chosen.period;
  const items = itemsOf(show, chosen.grain, period, key);
  const table = (await tables()).get(items.table);
  if (!table) return;
  hideTip();
  for (const field of Object.values(table.fields)) field.value = "";
  table.set({ text: "", filter: "", period: "", sort: null, items });
  goTo(table.section);
  table.section.querySelector(".said").focus({ preventScroll: true });
}

/** A link to rows of one state, such as those left out. */
async function filterTo(name, filter) {
  const table = (await tables()).get(name);
  if (!table) return;
  table.clear();
  table.fields.filter.value = filter;
  table.set({ filter });
  goTo(table.section);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-show], a[data-filter]");
  if (!link) return;
  event.preventDefault();
  if (link.dataset.show) follow(link);
  else filterTo("changes", link.dataset.filter);
});

document.documentElement.classList.add("alive");
enliven(document);
if ("DecompressionStream" in window) {
  startChooser();
  tables().then(() => {
    document.documentElement.dataset.tables = "ready";
  });
} else {
  byId("too-old").hidden = false;
}
