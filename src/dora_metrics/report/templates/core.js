// What all parts of the script share: reading what the page carries. Nothing is asked of any network.

const byId = (id) => document.getElementById(id);
const facts = JSON.parse(byId("facts").textContent);

/** A function that makes its answer at the first call only. */
const once = (make) => {
  let made;
  return () => (made ??= make());
};

/** The content of a packed block: base64 of zlib of JSON. */
async function unpack(id) {
  const bytes = Uint8Array.from(atob(byId(id).textContent.trim()), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(stream).text());
}

/** An element with a class and a text; texts from outside only ever come in this way. */
function make(tag, className = "", text = "") {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== "") element.textContent = text;
  return element;
}

/** Tell it to who listens instead of looking. */
const announce = (text) => {
  byId("spoken").textContent = text;
};

/** The bounds of a period: from, to (Unix seconds), and whether the end belongs to it. */
function windowOf(grain, label) {
  const [start, end, closed] = facts.grains[grain].bounds[label];
  return { start, end, closed };
}
