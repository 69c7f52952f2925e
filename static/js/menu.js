// <button data-menu="ID" aria-controls="ID" aria-expanded="false"> opens and closes #ID on narrow screens.
const set = (button, open) => {
  button.setAttribute('aria-expanded', open);
  document.getElementById(button.dataset.menu).classList.toggle('show', open);
};

document.addEventListener('click', event => {
  const button = event.target.closest('[data-menu]');
  if (button) set(button, button.getAttribute('aria-expanded') !== 'true');
});
document.addEventListener('keydown', event => {
  const button = event.key === 'Escape' && document.querySelector('[data-menu][aria-expanded=true]');
  if (!button) return;
  set(button, false);
  button.focus();
});
