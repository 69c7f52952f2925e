// <form data-unsaved>: whoever leaves the page with something typed and not sent is asked first.
document.querySelectorAll('form[data-unsaved]').forEach(form => {
  let typed = Boolean(document.querySelector('.alert-danger'));
  form.addEventListener('input', () => { typed = true; });
  addEventListener('submit', event => {
    if (event.submitter?.formTarget !== '_blank') typed = false;
  });
  addEventListener('beforeunload', event => { if (typed) event.preventDefault(); });
});
