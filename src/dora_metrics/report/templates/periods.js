// Another period without a reload: the page carries the first screen and the pictures of each, as they would have been.

const chosen = { grain: facts.first[0], period: facts.first[1] };
const fragments = once(() => unpack("fragments"));

/** Put our own markup, escaped where it was made, in the place of what is there; scripts in it would not run. */
function place(id, markup) {
  const parsed = new DOMParser().parseFromString(markup, "text/html");
  byId(id).replaceChildren(...parsed.body.childNodes);
}

function fillPeriods() {
  const periods = facts.grains[chosen.grain].periods;
  byId("period").replaceChildren(...periods.map(([label, name]) => new Option(name, label, false, label === chosen.period)));
  const at = periods.findIndex(([label]) => label === chosen.period);
  byId("later").disabled = at === 0;
  byId("earlier").disabled = at === periods.length - 1;
}

/** In the pictures over time, the strip of the chosen period. */
function highlight() {
  document.body.classList.toggle("other-period", chosen.period !== newestOf(chosen.grain));
  for (const mark of document.querySelectorAll(".over-time .mark")) {
    mark.classList.toggle("chosen", mark.dataset.period === chosen.period);
  }
}

/** The newest period that is not partial, as the page itself chooses. */
function newestOf(grain) {
  const periods = facts.grains[grain].periods;
  const whole = periods.filter(([label, name]) => label !== "overall" && label === name);
  return (whole[0] ?? periods.at(-1))[0];
}

async function choose(grain, period) {
  const pages = await fragments();
  const [top, pictures] = pages[grain][period];
  const other = grain !== chosen.grain;
  Object.assign(chosen, { grain, period });
  place("first-screen", top);
  place("period-pictures", pictures);
  if (other && byId("grain-pictures")) place("grain-pictures", pages[grain][""][0]);
  fillPeriods();
  enliven(document);
  highlight();
  if (other) for (const table of (await tables()).values()) table.fillPeriods();
  announce(`Now ${period === "overall" ? "the whole window" : period}`);
}

function step(by) {
  const periods = facts.grains[chosen.grain].periods;
  const next = periods[periods.findIndex(([label]) => label === chosen.period) + by];
  if (next) choose(chosen.grain, next[0]);
}

function startChooser() {
  byId("chooser").hidden = false;
  byId("grain").value = chosen.grain;
  fillPeriods();
  byId("grain").addEventListener("input", (event) => choose(event.target.value, newestOf(event.target.value)));
  byId("period").addEventListener("input", (event) => choose(chosen.grain, event.target.value));
  byId("earlier").addEventListener("click", () => step(1));
  byId("later").addEventListener("click", () => step(-1));
  byId("chooser").addEventListener("submit", (event) => event.preventDefault());
}
