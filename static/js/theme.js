// Light, dark or as the system says. Stands in <head> and blocks, so that no page flashes in the wrong colours.
// <button data-theme="light|dark|auto" aria-pressed="...">, any number of them.
(() => {
  const root = document.documentElement;
  const system = matchMedia('(prefers-color-scheme: dark)');
  let choice = 'auto';
  try { choice = localStorage.getItem('ll-theme') || 'auto'; } catch { /* not remembered */ }

  const show = () => {
    root.dataset.bsTheme = choice === 'auto' ? (system.matches ? 'dark' : 'light') : choice;
    for (const button of document.querySelectorAll('button[data-theme]')) {
      button.setAttribute('aria-pressed', button.dataset.theme === choice);
    }
  };
  show();
  system.addEventListener('change', show);
  document.addEventListener('DOMContentLoaded', show);
  document.addEventListener('click', event => {
    const button = event.target.closest('button[data-theme]');
    if (!button) return;
    choice = button.dataset.theme;
    try { localStorage.setItem('ll-theme', choice); } catch { /* for this page only */ }
    show();
  });
})();
