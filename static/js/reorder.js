// <tbody data-reorder="ADDRESS" data-token="..."> with <tr data-slug>: rows are dragged by [data-grip] into another
// place, which is saved at once. Buttons do the same without a mouse or scripts.
import { say } from './say.js';

document.querySelectorAll('[data-reorder]').forEach(list => {
  const grips = list.querySelectorAll('[data-grip]');
  grips.forEach(grip => { grip.hidden = false; grip.draggable = true; });
  document.querySelector('[data-reorder-hint]')?.removeAttribute('hidden');
  let dragged = null;
  const order = () => [...list.querySelectorAll('[data-slug]')].map(row => row.dataset.slug);
  let before = order().join();

  list.addEventListener('dragstart', event => {
    dragged = event.target.closest?.('[data-slug]');
    if (!dragged) return;
    before = order().join();
    event.dataTransfer.effectAllowed = 'move';
    event.dataTransfer.setData('text/plain', dragged.dataset.slug);
    event.dataTransfer.setDragImage(dragged, 10, 10);
    dragged.classList.add('is-dragged');
  });
  list.addEventListener('dragover', event => {
    const over = event.target.closest?.('[data-slug]');
    if (!dragged || !over) return;
    event.preventDefault();
    if (over === dragged) return;
    const { top, height } = over.getBoundingClientRect();
    over[event.clientY < top + height / 2 ? 'before' : 'after'](dragged);
  });
  list.addEventListener('drop', event => event.preventDefault());
  list.addEventListener('dragend', async () => {
    dragged?.classList.remove('is-dragged');
    dragged = null;
    if (order().join() === before) return;
    const body = new URLSearchParams(order().map(slug => ['order', slug]));
    body.append('csrf_token', list.dataset.token);
    try {
      // Its redirect is not followed here: the page it leads to has the word of success, said once.
      const answer = await fetch(list.dataset.reorder, { method: 'POST', body, redirect: 'manual' });
      if (answer.type !== 'opaqueredirect') throw new Error(`${answer.status}`);
      location.reload();
    } catch {
      say('The order could not be saved. Reload the page and try again.');
    }
  });
});
