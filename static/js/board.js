// <div data-board data-token data-filters data-asks-why='{"new": ["qualified"]}'> of [data-column=STAGE] with cards
// [data-card=ID]: a card is moved by dragging it (a finger drags by its [data-grip]), by Alt and an arrow, or by what its
// [data-move] opens. It stands in its new place at once, and goes where it truly is when the server says otherwise.
const board = document.querySelector('[data-board]');
const asksWhy = JSON.parse(board.dataset.asksWhy);
const columns = [...board.querySelectorAll('[data-column]')];
const columnOf = stage => columns.find(column => column.dataset.column === stage);
const listOf = stage => columnOf(stage).querySelector('.board-cards');
const label = stage => columnOf(stage).dataset.label;
const cardOf = id => board.querySelector(`[data-card="${id}"]`);
const TO_FOCUS = ['[data-card-name]', '[data-move]'];

// What was done is shown and heard; a move can be taken back there until something else is said.
function say(text, undo) {
  const note = Object.assign(document.createElement('p'), { className: 'toast-note', textContent: text });
  if (undo) {
    const button = Object.assign(document.createElement('button'), { className: 'btn btn-sm', type: 'button', textContent: 'Undo' });
    button.addEventListener('click', undo);
    note.append(button);
  }
  document.querySelector('[data-board-said]').replaceChildren(note);
}

// One move after the other: whoever presses Alt and an arrow twice moves by two stages.
let working = Promise.resolve();
const inTurn = job => {
  working = working.then(job).catch(error => { say('That did not work. Reload the page.'); console.error(error); });
};

function keepingFocus(card, change) {
  const held = TO_FOCUS.find(one => card.querySelector(one)?.matches(':focus'));
  const now = change() || card;
  if (held) now.querySelector(held)?.focus({ preventScroll: true });
  now.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  return now;
}

function put(card, stage, before) {
  return keepingFocus(card, () => {
    columnOf(stage).open = true;
    listOf(stage).insertBefore(card, before === undefined ? listOf(stage).firstChild : before);
    for (const column of columns) column.querySelector('[data-none]').hidden = Boolean(column.querySelector('[data-card]'));
  });
}

function replaced(card, html) {
  return keepingFocus(card, () => {
    const made = document.createRange().createContextualFragment(html).querySelector('[data-card]');
    card.replaceWith(made);
    begin(made);
    return made;
  });
}

function heads(sums) {
  for (const [stage, { count, value }] of Object.entries(sums)) {
    columnOf(stage).querySelector('[data-count]').textContent = count;
    columnOf(stage).querySelector('[data-value]').textContent = value;
  }
}

async function post(address, fields) {
  const body = new URLSearchParams({
    csrf_token: board.dataset.token, filters: board.dataset.filters, next: location.pathname + location.search, ...fields,
  });
  const answer = await fetch(address, { method: 'POST', body, headers: { Accept: 'application/json' } });
  return { ok: answer.ok, signedOut: answer.status === 400 || answer.status === 401, ...await answer.json() };
}

async function move(id, to, reason) {
  const card = cardOf(id);
  const from = card.dataset.stage;
  if (reason === undefined && asksWhy[from].includes(to)) {
    const answer = await ask(card, to);
    if (!answer) { say(`${card.dataset.name} stays in ${label(from)}.`); return; }
    [to, reason] = [answer.stage, answer.reason];
  }
  if (to === from) return;
  const address = card.querySelector('[data-move]').pathname;
  await carry(card, to, () => post(address, { stage: to, from, reason: reason || '' }));
}

// Puts the card where it will be, and then where the server says that it is.
async function carry(card, to, send) {
  const { card: id, name, stage: from } = card.dataset;
  const before = card.nextElementSibling;
  put(card, to);
  card.setAttribute('aria-busy', 'true');
  let told;
  try {
    told = await send();
  } catch {
    put(card, from, before);
    say(`The server did not answer, so ${name} is back in ${label(from)}. Try again when you are online.`);
    return;
  } finally {
    card.removeAttribute('aria-busy');
  }
  if (told.ok) {
    if (told.stage !== to) put(card, told.stage);
    replaced(card, told.card);
    heads(told.columns);
    say(told.message, told.undo && (() => {
      inTurn(() => carry(cardOf(id), from, () => post(told.undo, {})));
      cardOf(id).querySelector('[data-card-name]').focus();
    }));
    return;
  }
  const truly = told.stage || from;
  card.dataset.stage = truly;
  put(card, truly, truly === from ? before : undefined);
  say(told.signedOut ? 'You are signed out by now. Reload the page, sign in and move it again.' : told.error.message);
}

// The dialog: where to, and why; the answer, or nothing when it was cancelled.
const dialog = document.querySelector('[data-board-ask]');
const [stageField, reasonField] = [dialog.querySelector('select'), dialog.querySelector('textarea')];

function ask(card, to) {
  const from = card.dataset.stage;
  dialog.querySelector('h2').textContent = `Move ${card.dataset.name}`;
  for (const option of stageField.options) option.disabled = option.value === from;
  stageField.value = to;
  reasonField.value = '';
  const need = () => {
    reasonField.required = asksWhy[from].includes(stageField.value);
    dialog.querySelector('[data-optional]').hidden = reasonField.required;
  };
  stageField.onchange = need;
  need();
  dialog.returnValue = '';
  dialog.showModal();
  (reasonField.required ? reasonField : stageField).focus();
  return new Promise(resolve => dialog.addEventListener('close', () => resolve(
    dialog.returnValue === 'move' ? { stage: stageField.value, reason: reasonField.value.trim() } : null,
  ), { once: true }));
}
reasonField.addEventListener('input', () => reasonField.setCustomValidity(
  reasonField.required && !reasonField.value.trim() ? 'Say why in a few words.' : '',
));

board.addEventListener('click', event => {
  const card = event.target.closest('[data-move]')?.closest('[data-card]');
  if (!card || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const next = columns[columns.indexOf(columnOf(card.dataset.stage)) + 1] || columns[0];
  inTurn(async () => {
    const answer = await ask(card, next.dataset.column);
    if (answer) await move(card.dataset.card, answer.stage, answer.reason);
  });
});

board.addEventListener('keydown', event => {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const card = event.target.closest('[data-card]');
  if (!step || !card || !event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const id = card.dataset.card;
  inTurn(async () => {
    const next = columns[columns.indexOf(columnOf(cardOf(id).dataset.stage)) + step];
    if (next) await move(id, next.dataset.column);
    else say(`${card.dataset.name} is in the ${step < 0 ? 'first' : 'last'} column.`);
  });
});

// Dragging: a copy of the card follows the pointer; the board scrolls when it comes near an edge.
const [NEAR, FAR, EDGE, SPEED] = [6, 12, 56, 14];
let drag;

board.addEventListener('pointerdown', event => {
  const card = event.target.closest('[data-card]');
  const byHand = event.pointerType === 'mouse' ? !event.target.closest('[data-move]') : event.target.closest('[data-grip]');
  if (!card || event.button || !byHand || drag) return;
  drag = { card, pointer: event.pointerId, x: event.clientX, y: event.clientY };
});

function lift(event) {
  const box = drag.card.getBoundingClientRect();
  drag.ghost = drag.card.cloneNode(true);
  delete drag.ghost.dataset.card;
  drag.ghost.classList.add('board-ghost');
  drag.ghost.setAttribute('aria-hidden', 'true');
  drag.ghost.style.width = `${box.width}px`;
  [drag.left, drag.top] = [drag.x - box.left, drag.y - box.top];
  document.body.append(drag.ghost);
  document.body.classList.add('is-dragging');
  drag.card.classList.add('is-dragged');
  getSelection().removeAllRanges();
  follow(event);
  requestAnimationFrame(scroll);
}

function follow(event) {
  [drag.atX, drag.atY] = [event.clientX, event.clientY];
  drag.ghost.style.transform = `translate(${drag.atX - drag.left}px, ${drag.atY - drag.top}px)`;
  const { top, bottom } = board.getBoundingClientRect();
  drag.over = drag.atY < top || drag.atY > bottom ? null : columns.find(column => {
    const box = column.getBoundingClientRect();
    return drag.atX >= box.left && drag.atX <= box.right;
  });
  for (const column of columns) column.classList.toggle('is-over', column === drag.over);
}

function scroll() {
  if (!drag?.ghost) return;
  const { left, right } = board.getBoundingClientRect();
  if (drag.atX > Math.min(right, innerWidth) - EDGE) board.scrollLeft += SPEED;
  if (drag.atX < Math.max(left, 0) + EDGE) board.scrollLeft -= SPEED;
  requestAnimationFrame(scroll);
}

function letGo(dropped) {
  const { card, ghost, over } = drag;
  drag = null;
  if (!ghost) return;
  ghost.remove();
  card.classList.remove('is-dragged');
  document.body.classList.remove('is-dragging');
  for (const column of columns) column.classList.remove('is-over');
  // The click that ends a drag opens no lead.
  const swallow = event => { event.preventDefault(); event.stopPropagation(); };
  addEventListener('click', swallow, { capture: true, once: true });
  setTimeout(() => removeEventListener('click', swallow, true));
  const to = over?.dataset.column;
  if (dropped && to && to !== card.dataset.stage) inTurn(() => move(card.dataset.card, to));
}

addEventListener('pointermove', event => {
  if (event.pointerId !== drag?.pointer) return;
  if (!event.buttons) letGo(false); // let go outside the window
  else if (drag.ghost) follow(event);
  else if (Math.hypot(event.clientX - drag.x, event.clientY - drag.y) > (event.pointerType === 'mouse' ? NEAR : FAR)) lift(event);
});
addEventListener('pointerup', event => { if (event.pointerId === drag?.pointer) letGo(true); });
addEventListener('pointercancel', event => { if (event.pointerId === drag?.pointer) letGo(false); });
addEventListener('keydown', event => { if (event.key === 'Escape' && drag) letGo(false); });

function begin(place) {
  for (const grip of place.querySelectorAll('[data-grip]')) grip.hidden = false;
  for (const name of place.querySelectorAll('[data-card-name]')) name.setAttribute('aria-keyshortcuts', 'Alt+ArrowLeft Alt+ArrowRight');
}
begin(board);
document.querySelector('[data-board-hint]').hidden = false;
board.setAttribute('aria-describedby', 'board-hint');
