// data-submit-on-change on a field or a whole form: a choice is enough, the button stays for those without scripts.
document.addEventListener('change', event => {
  const field = event.target;
  if (field.form && field.closest('[data-submit-on-change]')) field.form.requestSubmit();
});
