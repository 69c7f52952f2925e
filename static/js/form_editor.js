// The editor of the contact form, <form data-editor="ADDRESS OF THE PREVIEW">: what is typed is seen at once beside it,
// in the public site's own stylesheet (a shadow root keeps the two apart); questions are dragged by their handle; and
// nobody leaves with a draft by accident. The page's parts are replaced in place, so all of it listens from above.
import { fetchPart } from './part.js';

const editor = () => document.querySelector('form[data-editor]');
let unsaved = false;
let dark = false;

function show(html) {
  const place = document.querySelector('[data-preview]');
  if (!place) return;
  const root = place.shadowRoot || place.attachShadow({ mode: 'open' });
  if (!root.firstChild) {
    const sheet = Object.assign(document.createElement('link'), { rel: 'stylesheet', href: place.dataset.preview });
    root.append(sheet, Object.assign(document.createElement('div'), { className: 'preview-page' }));
  }
  root.lastElementChild.innerHTML = html;
  shade();
}

function shade() {
  const button = document.querySelector('[data-preview-dark]');
  const root = document.querySelector('[data-preview]')?.shadowRoot;
  if (!button || !root) return;
  button.hidden = false;
  button.setAttribute('aria-pressed', dark);
  root.lastElementChild.dataset.bsTheme = dark ? 'dark' : 'light';
}

let asked = 0;
async function refresh() {
  const form = editor();
  const mine = ++asked;
  try {
    const html = await fetchPart(form.dataset.editor, { method: 'POST', body: new FormData(form) });
    if (mine === asked) show(html);
  } catch { /* the last preview stays; the next letter asks again */ }
}

let waiting;
function typed(event) {
  if (!event.target.form || event.target.form !== editor()) return;
  if (event.target.id !== 'beside') unsaved = true;
  if (event.target.matches('[data-kind]')) {
    const options = event.target.closest('li').querySelector('[data-options]');
    if (options) options.hidden = event.target.value !== 'choice';
  }
  clearTimeout(waiting);
  waiting = setTimeout(refresh, 300);
}

function begin() {
  show(document.querySelector('[data-preview] template')?.innerHTML || '');
}

// Dragging: the row follows the pointer; where it is dropped is sent like any button.
let dragged;
let over;
const places = row => (row.dataset.field ? row.dataset.field.split('-').map(Number) : null);

function mark(row, below) {
  over?.row.classList.remove('drop-above', 'drop-below');
  over = row && { row, below };
  row?.classList.add(below ? 'drop-below' : 'drop-above');
}

function drop() {
  const from = places(dragged);
  const to = places(over.row);
  let spot = to[1] + (over.below ? 1 : 0);
  if (to[0] === from[0] && spot > from[1]) spot -= 1;
  mark(null);
  if (to[0] === from[0] && spot === from[1]) return;
  const form = editor();
  const pressed = Object.assign(document.createElement('button'), { name: 'do', hidden: true });
  pressed.value = `move-field-${from.join('-')}-${to[0]}-${spot}`;
  form.append(pressed);
  form.requestSubmit(pressed);
  pressed.remove();
}

if (editor()) {
  begin();
  document.addEventListener('input', typed);
  document.addEventListener('change', typed);
  document.addEventListener('leadlight:part', event => {
    if (event.target.id !== 'form-editor') return;
    unsaved = true;
    begin();
  });
  document.addEventListener('click', event => {
    if (!event.target.closest('[data-preview-dark]')) return;
    dark = !dark;
    shade();
  });
  document.addEventListener('pointerdown', event => {
    const row = event.target.closest('[data-drag]')?.closest('[data-field]');
    if (row) row.draggable = true;
  });
  document.addEventListener('dragstart', event => {
    dragged = event.target.closest?.('[data-field]');
    if (!dragged) return;
    event.dataTransfer.effectAllowed = 'move';
    event.dataTransfer.setData('text/plain', '');
    dragged.classList.add('is-dragged');
  });
  document.addEventListener('dragover', event => {
    const row = event.target.closest?.('[data-field]');
    if (!dragged || !row || row === dragged) return;
    event.preventDefault();
    const box = row.getBoundingClientRect();
    mark(row, event.clientY > box.top + box.height / 2);
  });
  document.addEventListener('drop', event => {
    if (!dragged || !over) return;
    event.preventDefault();
    drop();
  });
  document.addEventListener('dragend', () => {
    mark(null);
    if (dragged) { dragged.classList.remove('is-dragged'); dragged.draggable = false; }
    dragged = null;
  });
  document.addEventListener('submit', event => {
    if (event.submitter?.value === 'publish' || event.target !== editor()) unsaved = false;
  });
  addEventListener('beforeunload', event => { if (unsaved) event.preventDefault(); });
}
