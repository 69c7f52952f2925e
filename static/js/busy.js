// <form data-busy="Importing…">: while the answer is under way the pressed button says so and cannot be pressed again.
document.addEventListener('submit', event => {
  const { target: form, submitter } = event;
  if (!form.dataset.busy || !submitter || event.defaultPrevented) return;
  const said = submitter.innerHTML;
  setTimeout(() => {
    submitter.textContent = form.dataset.busy;
    submitter.disabled = true;
    submitter.setAttribute('aria-busy', 'true');
  });
  addEventListener('pageshow', () => { // back from the next page
    submitter.innerHTML = said;
    submitter.disabled = false;
    submitter.removeAttribute('aria-busy');
  }, { once: true });
});
