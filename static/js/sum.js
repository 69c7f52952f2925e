// <p data-sum="[name^='weight-']" data-sum-to="100" hidden>: the sum of those fields of its form, as it is typed.
document.querySelectorAll('[data-sum]').forEach(told => {
  const form = told.closest('form');
  const fields = [...form.querySelectorAll(told.dataset.sum)];
  const shown = told.querySelector('[data-sum-shown]');
  const wrong = told.querySelector('[data-sum-wrong]');
  function add() {
    const sum = fields.reduce((all, field) => all + Number(field.value.replace(',', '.')), 0);
    shown.textContent = Number.isFinite(sum) ? String(Math.round(sum * 1e6) / 1e6) : '–';
    wrong.hidden = Math.abs(sum - Number(told.dataset.sumTo)) < 1e-9;
  }
  form.addEventListener('input', add);
  add();
  told.hidden = false;
});
