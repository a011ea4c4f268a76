// What is typed stays in this browser until the server says that it is saved; a page that opens later asks
// whether to put it back. Nothing is put back, and nothing is sent, without a press.
"use strict";
(() => {
  const texts = (form) => [...form.elements].filter((one) => one.matches("textarea, input[type=text]"));
  const read = (form) => Object.fromEntries(texts(form).map((one) => [one.name, one.value]));
  const differs = (form, kept) => texts(form).some((one) => one.name in kept && kept[one.name] !== one.value);
  const key = (form) => "draft-" + form.dataset.draft;

  const keep = (form) => {
    try { localStorage.setItem(key(form), JSON.stringify(read(form))); } catch { /* full or forbidden */ }
  };
  const kept = (form) => {
    try { return JSON.parse(localStorage.getItem(key(form))) || {}; } catch { return {}; }
  };
  const drop = (form) => { try { localStorage.removeItem(key(form)); } catch { /* forbidden */ } };

  const button = (words, press) => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "secondary";
    made.textContent = words;
    made.addEventListener("click", press);
    return made;
  };

  const ask = (form, held) => {
    const box = document.createElement("div");
    box.className = "box note";
    box.setAttribute("role", "alert");
    const words = document.createElement("p");
    words.textContent = form.dataset.question;
    const actions = document.createElement("div");
    actions.className = "actions";
    actions.append(
      button(form.dataset.restore, () => {
        for (const one of texts(form)) if (one.name in held) one.value = held[one.name];
        box.remove();
        form.querySelector("textarea").focus();
        form.dispatchEvent(new Event("input", { bubbles: true }));
      }),
      button(form.dataset.forget, () => { drop(form); box.remove(); form.querySelector("textarea").focus(); }),
    );
    box.append(words, actions);
    form.before(box);
  };

  for (const form of document.querySelectorAll("form[data-draft]")) {
    const held = kept(form);
    if (differs(form, held)) ask(form, held); else drop(form);
    let sent = null;
    form.addEventListener("input", () => keep(form));
    form.addEventListener("htmx:beforeRequest", () => { sent = JSON.stringify(read(form)); });
    form.addEventListener("htmx:afterOnLoad", (event) => {
      if (!event.detail.xhr.responseText.includes("data-saved")) return;
      // What was typed while the answer was on its way is not saved yet.
      if (sent === JSON.stringify(read(form))) drop(form);
      document.body.dispatchEvent(new Event("saved"));
    });
  }
})();
