// What a reader's own browser can do with a tip: copy its address, print it, read it aloud.
// It sends nothing, keeps nothing and changes nothing by itself. Without it, its buttons are not there.
"use strict";
(() => {
  const find = (id) => document.getElementById(id);

  const offer = (button, press) => {
    button.hidden = false;
    button.addEventListener("click", press);
  };

  const copy = find("copy");
  if (copy) {
    const told = find("copied");
    offer(copy, async () => {
      const address = copy.dataset.address;
      // Emptied first: a live region says the same words twice only if they went in between.
      told.textContent = "";
      try {
        await navigator.clipboard.writeText(address);
        told.textContent = copy.dataset.done;
      } catch {
        // No secure page, or the reader said no: the address is shown to be copied by hand.
        told.textContent = `${copy.dataset.failed} ${address}`;
      }
    });
  }

  const print = find("print");
  if (print) offer(print, () => window.print());

  const listen = find("listen");
  const speech = window.speechSynthesis;
  if (!listen || !speech) return;

  const language = (document.querySelector("article [data-read]").lang || document.documentElement.lang).slice(0, 2);
  const words = listen.textContent;
  let round = 0;

  const voice = () => speech.getVoices().find((one) => one.lang.toLowerCase().startsWith(language));

  // Browsers break off a long utterance, so each sentence is one.
  const BLOCKS = "h2, h3, h4, p, li, th, td";
  const spoken = (block) => {
    const bare = block.cloneNode(true);
    bare.querySelectorAll(`.cite, ${BLOCKS}`).forEach((inner) => inner.remove());
    return bare.textContent.replace(/\s+/g, " ").replace(/([.!?…]) /g, "$1\n").split("\n");
  };
  const sentences = () => [...document.querySelectorAll("[data-read]")]
    .flatMap((part) => [part, ...part.querySelectorAll(BLOCKS)])
    .flatMap(spoken)
    .filter((text) => text.trim());

  const stop = () => {
    round += 1;
    speech.cancel();
    listen.textContent = words;
  };

  const start = () => {
    const mine = (round += 1);
    const queue = sentences();
    const next = () => {
      if (mine !== round) return;
      const text = queue.shift();
      if (text === undefined) return stop();
      const said = new SpeechSynthesisUtterance(text);
      said.voice = voice();
      said.lang = said.voice.lang;
      said.rate = 0.9;
      said.onend = next;
      said.onerror = () => mine === round && stop();
      speech.speak(said);
    };
    listen.textContent = listen.dataset.stop;
    next();
  };

  const isReading = () => listen.textContent !== words;
  const show = () => {
    if (listen.hidden && voice()) offer(listen, () => (isReading() ? stop() : start()));
  };
  show();
  // Most browsers look for their voices only when they are first asked.
  if (speech.addEventListener) speech.addEventListener("voiceschanged", show);
  window.addEventListener("pagehide", stop);
})();
