"use strict";
for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, place) => {
    if (head.querySelector("button")) return;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const key = (row) => row.cells[place].dataset.v ?? row.cells[place].firstChild?.textContent ?? "";
      const numeric = (text) => text !== "" && Number.isFinite(Number(text));
      const body = table.tBodies[0];
      const rows = [...body.rows].sort((a, b) => {
        const [x, y] = [key(a), key(b)];
        if ((x === "" || x === "–") !== (y === "" || y === "–")) return x === "" || x === "–" ? 1 : -1;
        const order = numeric(x) && numeric(y) ? Number(x) - Number(y) : x.localeCompare(y, "en", { numeric: true });
        return down ? -order : order;
      });
      body.append(...rows);
    });
  });
}
for (const table of document.querySelectorAll("table.filtered")) {
  const label = document.createElement("label");
  label.className = "filter";
  const input = document.createElement("input");
  input.type = "search";
  label.append("Pictures whose name holds ", input);
  table.closest(".wide").before(label);
  input.addEventListener("input", () => {
    for (const row of table.tBodies[0].rows) {
      row.hidden = !row.cells[0].textContent.toLowerCase().includes(input.value.toLowerCase());
    }
  });
}
const said = JSON.parse(document.getElementById("said").textContent);
document.addEventListener("beforetoggle", (event) => {
  for (const one of event.target.querySelectorAll("[data-said]")) {
    one.innerHTML = one.dataset.said.split(" ").map((place) => said[place]).join("");
    one.removeAttribute("data-said");
  }
}, true);
