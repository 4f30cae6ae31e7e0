// The marks of the pictures: a tip under pointer and keyboard, arrow keys from mark to mark, the way to the items.

const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
const GAP = 12;

function showTip(mark) {
  const tip = byId("tip");
  tip.textContent = mark.dataset.tip;
  tip.hidden = false;
  const around = mark.getBoundingClientRect();
  const width = tip.offsetWidth;
  const left = Math.min(Math.max(around.left + around.width / 2 - width / 2, GAP), innerWidth - width - GAP);
  const above = around.top - tip.offsetHeight - GAP / 2;
  tip.style.left = `${Math.max(left, 0)}px`;
  tip.style.top = `${above < 0 ? around.bottom + GAP / 2 : above}px`;
}

const hideTip = () => {
  byId("tip").hidden = true;
};

/** Make one mark reachable; the title becomes our own tip, so that the browser's does not come on top. */
function enlivenMark(mark, isReached) {
  const title = mark.querySelector(":scope > title");
  mark.dataset.tip = title ? title.textContent : "";
  if (title) title.remove();
  mark.setAttribute("role", mark.dataset.show ? "button" : "img");
  mark.setAttribute("aria-label", mark.dataset.tip);
  mark.setAttribute("tabindex", isReached ? "0" : "-1");
}

function moveFrom(marks, place, key) {
  if (key === "Home") return 0;
  if (key === "End") return marks.length - 1;
  return Math.min(Math.max(place + STEPS[key], 0), marks.length - 1);
}

function onKey(event, marks) {
  const mark = event.target.closest(".mark");
  const place = marks.indexOf(mark);
  if (place < 0) return;
  if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    follow(mark);
  } else if (event.key === "Escape") {
    hideTip();
  } else if (event.key in STEPS || event.key === "Home" || event.key === "End") {
    event.preventDefault();
    const next = marks[moveFrom(marks, place, event.key)];
    mark.setAttribute("tabindex", "-1");
    next.setAttribute("tabindex", "0");
    next.focus();
  }
}

/** The pictures within `root` answer to pointer and keyboard: one stop of the Tab key each, arrows within. */
function enliven(root) {
  for (const drawing of root.querySelectorAll("svg.drawing:not([data-alive])")) {
    const marks = [...drawing.querySelectorAll(".mark")];
    if (!marks.length) continue;
    drawing.dataset.alive = "yes";
    drawing.setAttribute("role", "group");
    marks.forEach((mark, place) => enlivenMark(mark, place === marks.length - 1));
    drawing.addEventListener("keydown", (event) => onKey(event, marks));
    const tell = (event) => {
      const mark = event.target.closest(".mark");
      if (mark) showTip(mark);
      else hideTip();
    };
    drawing.addEventListener("focusin", tell);
    drawing.addEventListener("focusout", hideTip);
    drawing.addEventListener("pointerover", tell);
    drawing.addEventListener("pointerleave", hideTip);
    drawing.addEventListener("click", (event) => {
      const mark = event.target.closest(".mark");
      if (mark) follow(mark);
    });
  }
}
