// Puts the mark of a reference where the cursor last stood in a text; without script the mark is typed.
"use strict";
(() => {
  let last = null;
  const show = (root) => { for (const one of root.querySelectorAll("[data-cite][hidden]")) one.hidden = false; };
  document.addEventListener("focusin", (event) => {
    if (event.target.matches("textarea[name^=body_], textarea[name^=lead_]")) last = event.target;
  });
  document.addEventListener("click", (event) => {
    const pressed = event.target.closest("[data-cite]");
    const text = last && last.isConnected ? last : document.querySelector("textarea[name^=body_]");
    if (!pressed || !text) return;
    text.focus();
    text.setRangeText(pressed.dataset.cite, text.selectionStart, text.selectionEnd, "end");
    text.dispatchEvent(new Event("input", { bubbles: true }));
  });
  document.addEventListener("htmx:afterSettle", () => show(document));
  show(document);
})();
