// Rows that repeat: <div data-rows> holds [data-row]; [data-add] beside or below adds an empty one, [data-remove]
// in a row takes it away. Without scripts the empty row at the end and emptied fields do the same.
const rowsOf = button => button.dataset.add
  ? document.getElementById(button.dataset.add)
  : button.parentElement.querySelector('[data-rows]');

function emptyCopy(row, number) {
  const copy = row.cloneNode(true);
  copy.querySelectorAll('[id],[for]').forEach(one => {
    for (const name of ['id', 'for']) if (one.hasAttribute(name)) one.setAttribute(name, `${one.getAttribute(name)}-${number}`);
  });
  copy.removeAttribute('id');
  copy.querySelectorAll('.invalid-feedback').forEach(one => one.remove());
  for (const field of copy.querySelectorAll('input,select')) {
    if (field.tagName === 'SELECT') field.selectedIndex = 0;
    else field.value = '';
    field.classList.remove('is-invalid');
    field.removeAttribute('aria-invalid');
    field.removeAttribute('aria-describedby');
  }
  return copy;
}

let added = 0;

export function addRow(rows) {
  const all = rows.querySelectorAll('[data-row]');
  const copy = emptyCopy(all[all.length - 1], `new${++added}`);
  rows.append(copy);
  return copy;
}

export function fieldsOf(row) {
  return [...row.querySelectorAll('input:not([type=hidden]),select')];
}

const isEmpty = row => fieldsOf(row).every(field => field.tagName === 'SELECT' || !field.value);

document.querySelectorAll('[data-rows]').forEach(rows => {
  if (rows.querySelectorAll('[data-row]').length > 1 && isEmpty(rows.lastElementChild)) rows.lastElementChild.remove();
  if (!rows.closest('fieldset:disabled')) rows.querySelectorAll('[data-remove]').forEach(one => { one.hidden = false; });
});
document.querySelectorAll('[data-add]').forEach(one => { one.hidden = Boolean(one.closest('fieldset:disabled')); });

document.addEventListener('click', event => {
  const add = event.target.closest('[data-add]');
  if (add) fieldsOf(addRow(rowsOf(add)))[0].focus();
  const remove = event.target.closest('[data-remove]');
  if (!remove) return;
  const row = remove.closest('[data-row]');
  const rows = row.closest('[data-rows]');
  if (rows.querySelectorAll('[data-row]').length === 1) addRow(rows);
  const next = row.nextElementSibling || row.previousElementSibling;
  row.remove();
  fieldsOf(next)[0].focus();
  rows.dispatchEvent(new Event('input', { bubbles: true }));
});
