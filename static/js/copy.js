// <button data-copy="#ID"> copies the text or value of #ID; <button data-copy-text="..."> the words themselves.
import { say } from './say.js';

document.addEventListener('click', async event => {
  const button = event.target.closest('[data-copy],[data-copy-text]');
  if (!button) return;
  const source = button.dataset.copy && document.querySelector(button.dataset.copy);
  const text = source ? (source.value ?? source.textContent).trim() : button.dataset.copyText;
  try {
    await navigator.clipboard.writeText(text);
    say('Copied');
  } catch { // no clipboard without https: select it, so that Ctrl+C does it
    if (source?.select) source.select();
    else if (source) getSelection().selectAllChildren(source);
    say('Press Ctrl+C to copy');
  }
});
