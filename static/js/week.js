// [data-copy-monday] after a [data-week]: Tuesday to Friday get Monday's hours. Without scripts the server does it.
import { addRow, fieldsOf } from './rows.js';
import { say } from './say.js';

const hoursOf = day => [...day.querySelectorAll('[data-row]')]
  .map(row => fieldsOf(row).map(field => field.value)).filter(([from, to]) => from || to);

document.addEventListener('click', event => {
  const button = event.target.closest('[data-copy-monday]');
  if (!button) return;
  event.preventDefault();
  const [monday, ...others] = button.previousElementSibling.querySelectorAll('[data-day]');
  const hours = hoursOf(monday);
  if (!hours.length) hours.push(['', '']);
  for (const day of others.slice(0, 4)) {
    const rows = day.querySelector('[data-rows]');
    while (rows.querySelectorAll('[data-row]').length > 1) rows.lastElementChild.remove();
    hours.forEach(([from, to], place) => {
      const row = place ? addRow(rows) : rows.querySelector('[data-row]');
      const [begins, ends] = fieldsOf(row);
      begins.value = from;
      ends.value = to;
    });
  }
  button.dispatchEvent(new Event('input', { bubbles: true }));
  say('Tuesday to Friday are as Monday is. Save to keep it.');
});
