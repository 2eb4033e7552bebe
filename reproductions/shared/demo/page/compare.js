// Faces two by two: those of the picture, and those kept from pictures before it.

import { paragraph, portrait } from "./faces.js";

const MOST = 12; // faces in the table

/** Return the cosine of two vectors of length one. */
export function cosine(one, other) {
  return one.reduce((sum, value, n) => sum + value * other[n], 0);
}

/** Return a comparison whose faces are kept from one picture to the next; it fills `section` and hides it while there is nothing to compare. */
export function comparison(section, { threshold }) {
  const [table, note] = [section.querySelector("table"), section.querySelector(".note")];
  let kept = [];
  let current = [];
  let letters = 0;

  function shown() {
    const those = current.filter((face) => face.embedding).map((face, n) => ({ face, label: label(face, n) }));
    const before = kept.filter(({ face }) => !current.includes(face));
    return [...before, ...those];
  }

  function label(face, n) {
    const held = kept.find((one) => one.face === face);
    return held ? held.label : `Face ${n + 1}`;
  }

  function draw() {
    const all = shown();
    section.hidden = all.length < 2;
    note.textContent = all.length > MOST ? `The first ${MOST} of ${all.length} faces.` : "";
    const faces = all.slice(0, MOST);
    const head = document.createElement("tr");
    head.append(document.createElement("td"), ...faces.slice(1).map((one) => heading(one, "col")));
    const lines = faces.slice(0, -1).map((one, n) => {
      const line = document.createElement("tr");
      line.append(heading(one, "row"), ...faces.slice(1).map((other, m) => (m < n ? document.createElement("td") : cell(one, other))));
      return line;
    });
    table.replaceChildren(head, ...lines);
  }

  function heading({ face, label: text }, scope) {
    const found = Object.assign(document.createElement("th"), { scope });
    found.append(portrait(face.crop), paragraph("label", text));
    if (!current.includes(face)) {
      const forget = Object.assign(document.createElement("button"), { type: "button", className: "small", textContent: "Forget" });
      forget.setAttribute("aria-label", `Forget ${text}`);
      forget.addEventListener("click", () => toggle(face));
      if (scope === "row") found.append(forget);
    }
    return found;
  }

  function cell(one, other) {
    const found = document.createElement("td");
    const alike = cosine(one.face.embedding, other.face.embedding);
    const same = alike >= threshold;
    Object.assign(found.dataset, { cosine: alike, same });
    found.append(paragraph(same ? "same" : "apart", same ? "one person" : "two people"), paragraph("cosine", `cosine ${alike.toFixed(2)}`));
    return found;
  }

  /** Keep a face for the pictures to come, or forget it, and return by what name it is kept. */
  function toggle(face) {
    const held = kept.some((one) => one.face === face);
    if (held) kept = kept.filter((one) => one.face !== face);
    else kept = [...kept, { face, label: `Kept ${++letters}` }];
    draw();
    return held ? null : `Kept ${letters}`;
  }

  return {
    toggle,
    show(faces) {
      current = faces;
      draw();
    },
  };
}
