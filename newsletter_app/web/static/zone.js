// Which time zone this browser lives by, put into the sign-up form, so that the hour can be proposed afterwards.
// It sends nothing by itself, keeps nothing and shows nothing. Without it, nothing is proposed.
"use strict";
(() => {
  const field = document.querySelector('#signup input[name="zone"]');
  if (field) field.value = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
})();
