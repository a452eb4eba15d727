"use strict";
// Everything is on the page without this: it only hides rows that do not fit a search, and sorts tables.

const rows = [...document.querySelectorAll("[data-row]")].map(element => ({
  element,
  text: element.textContent.toLowerCase(),
  group: element.closest("[data-group]"),
}));
const groups = new Map([...document.querySelectorAll("[data-group]")].map(group => [
  group,
  group.querySelector("summary").textContent.toLowerCase(),
]));

function search(input, found) {
  let opened = null; // how the page was before the search
  let timer = 0;

  function show() {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = text => words.every(word => text.includes(word));
    if (words.length && !opened) {
      opened = [...document.querySelectorAll("details")].map(details => [details, details.open]);
    }
    let shown = 0;
    const alive = new Set();
    for (const row of rows) {
      const heading = row.group ? groups.get(row.group) : "";
      const fit = fits(row.text + " " + heading);
      row.element.hidden = !fit;
      if (fit) {
        shown += 1;
        if (row.group) alive.add(row.group);
      }
    }
    for (const group of groups.keys()) group.hidden = words.length > 0 && !alive.has(group);
    if (words.length) {
      for (const group of alive) group.open = true;
      for (const names of document.querySelectorAll("details[data-names]")) {
        names.open = words.some(word => names.textContent.toLowerCase().includes(word));
      }
    } else if (opened) {
      for (const [details, open] of opened) details.open = open;
      opened = null;
    }
    clearTimeout(timer);
    timer = setTimeout(() => { // once, when typing pauses: a screen reader reads it out
      found.textContent = words.length ? `${shown} of ${rows.length} rows` : "";
    }, 200);
  }

  input.addEventListener("input", show);
  input.addEventListener("keydown", event => {
    if (event.key === "Escape" && input.value) {
      event.preventDefault();
      input.value = "";
      show();
    }
  });
  document.addEventListener("keydown", event => {
    const typing = event.target.closest("input, textarea, select");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      input.focus();
    }
  });
}

function sortable(table) {
  const headings = [...table.tHead.rows[0].cells];
  headings.forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = heading.textContent;
    heading.replaceChildren(button);
    button.addEventListener("click", () => {
      const falling = heading.getAttribute("aria-sort") === "ascending";
      for (const other of headings) other.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", falling ? "descending" : "ascending");
      const value = row => row.cells[column].dataset.sort ?? row.cells[column].textContent.trim();
      const order = (one, other) => value(one).localeCompare(value(other), "en", { numeric: true });
      const sorted = [...table.tBodies[0].rows].sort(order);
      table.tBodies[0].append(...(falling ? sorted.reverse() : sorted));
    });
  });
}

for (const box of document.querySelectorAll(".search")) {
  box.hidden = false;
  search(box.querySelector("input"), box.querySelector("[role=status]"));
}
for (const table of document.querySelectorAll("[data-sortable]")) sortable(table);
