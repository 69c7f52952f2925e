// <button data-dismiss> takes its [data-flash], .alert or .notice away and leaves the focus in the content.
document.addEventListener('click', event => {
  const button = event.target.closest('[data-dismiss]');
  if (!button) return;
  button.closest('[data-flash],.alert,.notice')?.remove();
  document.getElementById('content')?.focus({ preventScroll: true });
});
