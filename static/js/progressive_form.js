// <form data-swap="#ID">: sent in place, the answer takes the place of #ID. Whatever fails is sent the ordinary way.
import { arrived, Elsewhere, fetchPart } from './part.js';

document.addEventListener('submit', async event => {
  const form = event.target;
  if (event.defaultPrevented || !form.matches('[data-swap]')) return;
  const { submitter } = event;
  if (submitter?.hasAttribute('formaction')) return; // to another page, on purpose
  const place = document.querySelector(form.dataset.swap);
  event.preventDefault();
  if (form.ariaBusy === 'true') return; // pressed twice
  form.ariaBusy = 'true';
  const body = new FormData(form);
  if (submitter?.name) body.append(submitter.name, submitter.value);
  try {
    const html = await fetchPart(form.action, { method: 'POST', body });
    const holder = document.createElement('template');
    holder.innerHTML = html.trim();
    const part = holder.content.firstElementChild;
    place.replaceWith(part);
    arrived(part);
    (part.querySelector('[data-focus]') || part).focus();
  } catch (error) {
    if (error instanceof Elsewhere) location.assign(error.url);
    else sendWhole(form, submitter);
  }
});

// form.submit() forgets which button was pressed.
function sendWhole(form, submitter) {
  if (submitter?.name) {
    const pressed = document.createElement('input');
    Object.assign(pressed, { type: 'hidden', name: submitter.name, value: submitter.value });
    form.append(pressed);
  }
  form.submit();
}
