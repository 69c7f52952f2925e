// Single keys for what one does all day: [data-key="c"] is pressed by "c", "?" opens #shortcuts.
// A pressed button chooses data-choose in the field data-in and goes to the field data-to; one without data-to, and a
// link, is clicked.
// Never in a field, never with Ctrl, Alt or Meta; they can be switched off for good (WCAG 2.1.4).
const KEPT = 'leadlight-shortcuts';
const help = document.getElementById('shortcuts');
const toggle = help?.querySelector('[data-shortcuts-switch]');

const kept = () => { try { return localStorage.getItem(KEPT); } catch { return null; } };
const keep = value => { try { localStorage.setItem(KEPT, value); } catch { /* for this page only */ } };

function show() {
  document.documentElement.dataset.shortcuts = toggle.checked ? 'on' : 'off';
}

function press(button) {
  const field = document.getElementById(button.dataset.in);
  if (field) {
    field.value = button.dataset.choose;
    field.dispatchEvent(new Event('change', { bubbles: true }));
  }
  const to = document.getElementById(button.dataset.to);
  to?.focus({ preventScroll: true });
  to?.scrollIntoView({ block: 'center' });
}

function isTyping(target) {
  return target.closest?.('input, textarea, select, [contenteditable], dialog');
}

if (help) {
  toggle.checked = kept() !== 'off';
  show();
  for (const each of document.querySelectorAll('[data-keys], [data-shortcuts-open]')) each.hidden = false;
  toggle.addEventListener('change', () => {
    keep(toggle.checked ? 'on' : 'off');
    show();
  });
  document.addEventListener('click', event => {
    if (event.target.closest('[data-shortcuts-open]')) help.showModal();
    const button = event.target.closest('[data-key][data-to]');
    if (button) press(button);
  });
  document.addEventListener('keydown', event => {
    if (!toggle.checked || event.defaultPrevented || event.repeat || event.isComposing) return;
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || document.querySelector('dialog[open]')) return;
    const button = event.key === '?' ? null : document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (event.key !== '?' && !button) return;
    event.preventDefault();
    if (!button) help.showModal();
    else if (button.dataset.to) press(button);
    else button.click();
  });
}
