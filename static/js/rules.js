// The editor of rules: [data-sortable] rows dragged by their [data-handle] (the order is what the hidden `order` fields
// stand in, and are saved with the rest), and the values and comparisons that suit the field of a [data-condition].
import { say } from './say.js';

for (const list of document.querySelectorAll('[data-sortable]')) {
  let dragged;
  const rows = () => [...list.children];
  list.querySelectorAll('[data-handle]').forEach(handle => {
    const row = handle.closest('li');
    handle.hidden = false;
    handle.addEventListener('pointerdown', () => { row.draggable = true; });
    row.addEventListener('dragend', () => { row.draggable = false; });
  });
  list.addEventListener('dragstart', event => {
    dragged = event.target.closest('li');
    dragged.classList.add('is-dragged');
    event.dataTransfer.effectAllowed = 'move';
    event.dataTransfer.setData('text/plain', '');
  });
  list.addEventListener('dragover', event => {
    const over = event.target.closest('li');
    if (!dragged || !over || over.parentNode !== list) return;
    event.preventDefault();
    const box = over.getBoundingClientRect();
    const after = event.clientY > box.top + box.height / 2;
    if (over !== dragged) over[after ? 'after' : 'before'](dragged);
  });
  list.addEventListener('drop', event => event.preventDefault());
  list.addEventListener('dragend', () => {
    if (!dragged) return;
    dragged.classList.remove('is-dragged');
    rows().forEach((row, place) => { row.querySelector('[data-number]').textContent = place + 1; });
    say(`${list.dataset.sortable} moved to place ${rows().indexOf(dragged) + 1}. Save the draft to keep the order.`);
    dragged.dispatchEvent(new Event('input', { bubbles: true })); // now there is something to save (unsaved.js)
    dragged = null;
  });
}

const kinds = JSON.parse(document.querySelector('[data-field-kinds]')?.dataset.fieldKinds || '{}');
const suited = JSON.parse(document.querySelector('[data-suited]')?.dataset.suited || '{}');

for (const box of document.querySelectorAll('[data-condition]')) {
  const named = name => box.querySelector(`[name$="-${name}"]`);
  const [field, operator, value] = ['field', 'operator', 'value'].map(named);
  const fit = () => {
    const fits = suited[kinds[field.value]];
    for (const option of operator.options) option.hidden = Boolean(fits) && !fits.includes(option.value);
    if (operator.selectedOptions[0]?.hidden) operator.value = fits[0];
    const list = `values-${field.value.replaceAll('.', '-')}`;
    if (document.getElementById(list)) value.setAttribute('list', list);
    else value.removeAttribute('list');
    const always = !field.value && !named('path').value;
    operator.disabled = always;
    value.disabled = always || operator.value === 'exists';
  };
  [field, operator, named('path')].forEach(one => one.addEventListener('change', fit));
  fit();
}
