// What is shown of the faces: boxes in the picture, and a row for each with its age and interval.

const SVG = "http://www.w3.org/2000/svg";
const OLDEST = 100;

/** Draw numbered boxes into a canvas that holds the picture. */
export function drawBoxes(canvas, faces) {
  const brush = canvas.getContext("2d");
  const thick = Math.max(2, Math.round(Math.max(canvas.width, canvas.height) / 300));
  const height = 8 * thick;
  brush.font = `bold ${height}px system-ui, "DejaVu Sans", sans-serif`;
  brush.textBaseline = "middle";
  faces.forEach(({ box, age }, n) => {
    const [x, y, right, bottom] = box;
    for (const [colour, width] of [["#000", 2 * thick], ["#fff", thick]]) {
      brush.strokeStyle = colour;
      brush.lineWidth = width;
      brush.strokeRect(x, y, right - x, bottom - y);
    }
    const text = faces.length > 1 ? `${n + 1}: ${age.years.toFixed(0)}` : age.years.toFixed(0);
    const wide = brush.measureText(text).width + height;
    const [left, top] = [Math.max(0, Math.min(x, canvas.width - wide)), Math.max(0, y - 1.5 * height)];
    brush.fillStyle = "#000";
    brush.fillRect(left, top, wide, 1.5 * height);
    brush.fillStyle = "#fff";
    brush.fillText(text, left + height / 2, top + 0.75 * height);
  });
}

/**
 * Fill a list with a row for each face.
 *
 * @param keep keeps a face to be compared and returns its name there.
 * @param ages takes a face, cut for it, to each age group.
 */
export function list(rows, faces, keep, ages) {
  rows.replaceChildren(...faces.map((face, n) => row(face, n, faces.length, keep, ages)));
}

/** Return what is said of a face in words. */
export function inWords({ years, low, high, level }) {
  const share = `${Math.round(100 * level)}%`;
  return [`${years.toFixed(0)} years`, `${share} between ${low.toFixed(0)} and ${high.toFixed(0)}`];
}

/** Return in words which gender a face looks. */
export function genderInWords({ name, probability }) {
  return `${name}, ${Math.round(100 * probability)}%`;
}

function row(face, n, count, keep, ages) {
  const { crop, age, gender, embedding, ageable } = face;
  const [said, range] = inWords(age);
  const item = document.createElement("li");
  Object.assign(item.dataset, { years: age.years, low: age.low, high: age.high });
  const text = document.createElement("div");
  text.append(paragraph("years", count > 1 ? `Face ${n + 1}: ${said}` : said), paragraph("range", range));
  if (gender) {
    text.append(paragraph("gender", genderInWords(gender)));
    Object.assign(item.dataset, { gender: gender.name, probability: gender.probability });
  }
  if (age.warning) text.append(paragraph("warning", `Take care: ${age.warning}.`));
  if (embedding) text.append(keeper(face, n, keep));
  item.append(portrait(crop), text, scale(age));
  if (ageable) item.append(ager(face, n, count, ages));
  return item;
}

function keeper(face, n, keep) {
  const found = Object.assign(document.createElement("button"), { type: "button", className: "small" });
  const tell = (name) => {
    found.textContent = name ? `${name}: forget it` : `Keep face ${n + 1} for the next picture`;
    found.setAttribute("aria-pressed", String(Boolean(name)));
  };
  tell(null);
  found.addEventListener("click", () => tell(keep(face)));
  return found;
}

// A button, and in its place once it is pressed the face at each age group.
function ager({ ageable }, n, count, ages) {
  const found = Object.assign(document.createElement("div"), { className: "ages" });
  const whose = count > 1 ? `face ${n + 1}` : "the face";
  const button = Object.assign(document.createElement("button"), {
    type: "button", className: "small", textContent: `Show ${whose} at other ages`,
  });
  button.addEventListener("click", async () => {
    button.disabled = true;
    button.textContent = "Making the pictures …";
    try {
      const made = await ages(ageable);
      const line = document.createElement("ol");
      line.setAttribute("aria-label", `Ages of ${whose}`);
      line.append(...made.map(({ group, ...picture }) => {
        const place = document.createElement("li");
        place.append(portrait(picture), paragraph("label", group));
        return place;
      }));
      found.replaceChildren(line, paragraph("range", "What its training took for age; nobody will look so."));
    } catch (error) {
      found.replaceChildren(paragraph("warning", `The network failed (${error.message}): load the page again.`));
    }
  });
  found.append(button);
  return found;
}

/** Return a paragraph of a class. */
export function paragraph(kind, text) {
  const found = document.createElement("p");
  found.className = kind;
  found.textContent = text;
  return found;
}

/** Return a small picture of a face as it was cut out. */
export function portrait({ width, height, data }) {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  canvas.setAttribute("aria-hidden", "true");
  const pixels = new ImageData(width, height);
  for (let from = 0, to = 0; from < data.length; from += 3, to += 4) {
    pixels.data.set(data.subarray(from, from + 3), to);
    pixels.data[to + 3] = 255;
  }
  canvas.getContext("2d").putImageData(pixels, 0, 0);
  return canvas;
}

// The interval as a bar on an axis from 0 to 100 years, the estimate as a line in it.
function scale({ years, low, high }) {
  const drawing = part("svg", { class: "scale", "aria-hidden": "true" });
  const at = (age) => `${(100 * Math.min(age, OLDEST)) / OLDEST}%`;
  drawing.append(part("line", { class: "axis", x1: "0", x2: "100%", y1: 20, y2: 20 }));
  for (let age = 0; age <= OLDEST; age += 20) {
    const anchor = age === 0 ? "start" : age === OLDEST ? "end" : "middle";
    drawing.append(part("line", { class: "axis", x1: at(age), x2: at(age), y1: 20, y2: 24 }));
    drawing.append(part("text", { x: at(age), y: 36, "text-anchor": anchor }, String(age)));
  }
  const width = `${100 * (Math.min(high, OLDEST) - Math.min(low, OLDEST)) / OLDEST}%`;
  drawing.append(part("rect", { class: "interval", x: at(low), width, y: 4, height: 14, rx: 3 }));
  drawing.append(part("rect", { class: "estimate", x: at(years), width: 4, y: 0, height: 20, transform: "translate(-2 0)" }));
  return drawing;
}

function part(name, attributes, text = "") {
  const found = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) found.setAttribute(key, value);
  found.textContent = text;
  return found;
}
