"""What the tests run inside the page: choosing a period, following a number, reading what is shown."""

from __future__ import annotations

NUMBERS = """[...document.querySelectorAll('#first-screen .value, .over-time td[data-raw]')].map((spot) => {
  const heads = spot.matches('td') ? [...spot.closest('table').querySelectorAll('thead th')] : [];
  const own = heads[spot.cellIndex];
  const path = own ? own.dataset.path : spot.dataset.path;
  const unit = heads.find((head) => head.textContent.startsWith('Median'));
  return {
    grain: spot.closest('[data-grain]').dataset.grain, period: spot.closest('[data-period]').dataset.period,
    path, raw: spot.dataset.raw, text: spot.textContent,
    heading: own ? (unit && path.includes('hours') ? unit : own).textContent : '',
  };
})"""
"""Every number that says where it stands in the JSON: length of period, label, path, JSON value, letters, heading."""
CHOOSE = """async ([grain, period]) => {
  const set = (id, value) => {
    const field = document.getElementById(id);
    field.value = value;
    field.dispatchEvent(new Event('input'));
  };
  const there = () => {
    const first = document.querySelector('#first-screen .first').dataset;
    return [first.grain, first.period];
  };
  const until = async (test) => {
    for (let turn = 0; turn < 400 && !test(); turn += 1) await new Promise((done) => setTimeout(done, 5));
  };
  if (there()[0] !== grain) {
    set('grain', grain);
    await until(() => there()[0] === grain);
  }
  set('period', period);
  await until(() => there()[1] === period);
  return there();
}"""
"""Choose a length of period and a period, as a person does; what the first screen then speaks of."""
FOLLOW = """async (selector) => {
  const found = [];
  const sections = () => [...document.querySelectorAll('details.items')];
  for (const way of document.querySelectorAll(selector)) {
    for (const section of sections()) delete section.dataset.found;
    way.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true }));
    const answer = () => sections().find((section) => section.dataset.found !== undefined);
    for (let turn = 0; turn < 200 && !answer(); turn += 1) await new Promise((done) => setTimeout(done, 2));
    const section = answer();
    const { show, period = '', count = '', tip = '' } = way.dataset;
    found.push({ show, period, count, tip, found: Number(section.dataset.found), table: section.id });
  }
  return found;
}"""
"""Follow each way to items that a selector finds; which table answered, with how many rows."""
MISSED = """(seen) => window.wantedStops.filter((_, place) => !seen.includes(place)).map((one) => one.outerHTML)"""
"""Of the controls noted in `wantedStops` those that were not among the places seen."""
SHOWN = """(() => {
  for (const part of document.querySelectorAll('details')) part.open = true;
  const texts = new Set([...document.querySelectorAll('bdi')].map((part) => part.textContent));
  return [...texts];
})()"""
"""Every isolated text of the page, all its parts open."""
TURNED = """async (name) => {
  const section = document.getElementById(name);
  const texts = [];
  for (let page = 0; page < 20; page += 1) {
    texts.push(...[...section.querySelectorAll('bdi')].map((part) => part.textContent));
    const later = section.querySelector('.later');
    if (later.disabled) return texts;
    later.click();
  }
  return texts;
}"""
"""Every isolated text of a table, all its pages turned."""
