// <form data-bulk-form id="bulk">: shown while some [name=lead_id] of it are ticked, and says how many.
// [data-bulk-all] ticks all of the page. Without scripts the form always stands below the list.
const form = document.querySelector('[data-bulk-form]');

if (form) {
  const boxes = [...document.querySelectorAll(`[name=lead_id][form=${form.id}]`)];
  const all = form.querySelector('[data-bulk-all]');
  const every = all.querySelector('input');
  const look = () => {
    const ticked = boxes.filter(box => box.checked).length;
    form.hidden = !ticked;
    if (!ticked) form.querySelector('[popover]').hidePopover?.();
    every.checked = ticked === boxes.length;
    every.indeterminate = ticked > 0 && ticked < boxes.length;
    form.querySelector('[data-bulk-count]').innerHTML = `${ticked}<span class="d-none d-sm-inline"> lead${ticked === 1 ? '' : 's'}</span> ticked`;
  };
  all.hidden = false;
  every.addEventListener('change', () => {
    for (const box of boxes) box.checked = every.checked;
    look();
  });
  document.addEventListener('change', event => { if (boxes.includes(event.target)) look(); });
  addEventListener('pageshow', look);
  look();
}
