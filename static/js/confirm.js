// <form data-confirm="Delete this rule?"> or <button data-confirm="..."> asks first.
// data-confirm-yes="Delete" names the button that goes on.
const agreed = new WeakSet();

function ask(question, yes) {
  const dialog = document.createElement('dialog');
  dialog.className = 'confirm';
  dialog.innerHTML = `<form method="dialog"><p id="confirm-question"></p><div class="confirm-answers">
    <button class="btn" value="">Cancel</button><button class="btn btn-danger" value="yes"></button></div></form>`;
  dialog.setAttribute('aria-labelledby', 'confirm-question');
  dialog.querySelector('p').textContent = question;
  dialog.querySelector('[value=yes]').textContent = yes;
  document.body.append(dialog);
  dialog.showModal();
  return new Promise(answer => dialog.addEventListener('close', () => {
    dialog.remove();
    answer(dialog.returnValue === 'yes');
  }));
}

document.addEventListener('submit', async event => {
  const form = event.target;
  const { submitter } = event;
  const from = submitter?.dataset.confirm ? submitter : form;
  if (!from.dataset.confirm || agreed.delete(form)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (!await ask(from.dataset.confirm, from.dataset.confirmYes || 'Yes')) return;
  agreed.add(form);
  form.requestSubmit(submitter);
}, true);
