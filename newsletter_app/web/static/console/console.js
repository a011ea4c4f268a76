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
  document.addEventListener("htmx:afterOnLoad", begin);
  begin();
})();
