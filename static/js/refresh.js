// <section data-refresh="URL" data-every="30"> takes its inside from URL every 30 seconds: six times slower while
// hidden, at once when seen again, never under the reader's hands. After three failures in a row it stops and says so.
import { arrived, Elsewhere, fetchPart } from './part.js';

function start(section) {
  const every = Math.max(5, Number(section.dataset.every) || 60) * 1000;
  let timer, failures = 0, due = 0;

  const plan = () => {
    clearTimeout(timer);
    timer = setTimeout(refresh, document.hidden ? every * 6 : every);
    due = Date.now() + every;
  };
  const refresh = async () => {
    if (!section.isConnected) return;
    const busy = section.contains(document.activeElement) && document.activeElement.matches('input,select,textarea');
    if (!busy && !section.querySelector('dialog[open],.chart-table[open]')) {
      try {
        const html = await fetchPart(section.dataset.refresh);
        const focused = section.contains(document.activeElement) && document.activeElement.id;
        section.innerHTML = html;
        if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
        arrived(section);
        failures = 0;
      } catch (error) {
        if (++failures >= 3 || error instanceof Elsewhere) return stop();
      }
    }
    plan();
  };
  const stop = () => {
    const note = document.createElement('p');
    note.className = 'refresh-stopped';
    note.setAttribute('role', 'status');
    note.textContent = 'This stopped updating. Reload the page to go on.';
    section.prepend(note);
    document.removeEventListener('visibilitychange', seen);
  };
  const seen = () => { if (!document.hidden && Date.now() > due) refresh(); };
  document.addEventListener('visibilitychange', seen);
  plan();
}

document.querySelectorAll('[data-refresh]').forEach(start);
