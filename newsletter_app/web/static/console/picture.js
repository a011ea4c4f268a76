// A picture by drop or paste goes into the form's own field; it is sent by the form's button, never by itself.
"use strict";
(() => {
  const form = document.querySelector("form[data-picture]");
  if (!form) return;
  const field = form.querySelector("input[type=file]");
  const place = form.querySelector(".drop");
  const told = form.querySelector("[data-taken]");
  const tell = () => {
    const file = field.files[0];
    told.textContent = file ? told.dataset.taken.replace("{}", file.name) : "";
  };
  const take = (files) => {
    const picture = [...files].find((file) => file.type.startsWith("image/"));
    if (!picture) return false;
    const only = new DataTransfer();
    only.items.add(picture);
    field.files = only.files;
    tell();
    field.scrollIntoView({ block: "center" });
    return true;
  };
  field.addEventListener("change", tell);
  place.addEventListener("dragover", (event) => { event.preventDefault(); place.classList.add("over"); });
  place.addEventListener("dragleave", () => place.classList.remove("over"));
  place.addEventListener("drop", (event) => {
    event.preventDefault();
    place.classList.remove("over");
    take(event.dataTransfer.files);
  });
  document.addEventListener("paste", (event) => {
    if (event.clipboardData && take(event.clipboardData.files)) event.preventDefault();
  });
})();
