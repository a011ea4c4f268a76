// Some minutes before a session ends unused, the page says so and offers to stay (WCAG 2.2.1).
// Any answer of the console begins the time anew, a part of a page (htmx) as well.
"use strict";
(() => {
  const warning = document.getElementById("time-out");
  if (!warning) return;
  let waiting;
  const begin = () => {
    clearTimeout(waiting);
    warning.hidden = true;
    waiting = setTimeout(() => { warning.hidden = false; }, Number(warning.dataset.after) * 1000);
  };
  // What a page asks by itself, again and again, is nobody's sign of life.
  document.addEventListener("htmx:afterOnLoad", (event) => {
    if (!event.detail.elt.closest("[data-watching]")) begin();
  });
  begin();
})();
