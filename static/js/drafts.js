// <div data-drafts="USER-LEAD" data-sent="note" data-refused="task"> holds <form data-draft="note" data-draft-said="Your note">:
// what is typed into these forms is kept in this tab until the form is sent, whatever else is sent or opened meanwhile,
// and put back when the page comes again. `data-sent` is the form that was just taken, `data-refused` the one that came
// back with its errors. A field with data-draft-with is kept beside others only: alone it says nothing.
// <form data-drafts-end> (signing out) lets all of it go. Another user's is never shown, and let go as soon as seen.
const KEPT = 'leadlight-drafts:';
const page = document.querySelector('[data-drafts]');
const forms = page ? [...page.querySelectorAll('form[data-draft]')] : [];
const place = page && KEPT + page.dataset.drafts;
let within = false; // on the way to another of our pages, where nothing is lost

const store = work => { try { return work(sessionStorage); } catch { return null; } };
const all = () => store(s => JSON.parse(s.getItem(place))) || {};
const fieldsOf = form => [...form.elements].filter(field => field.name && field.type !== 'hidden' && field.matches('input, select, textarea'));

function save(drafts) {
  store(s => (Object.keys(drafts).length ? s.setItem(place, JSON.stringify(drafts)) : s.removeItem(place)));
}

function forget(mine = '') {
  store(s => Object.keys(s).filter(key => key.startsWith(KEPT) && !(mine && key.startsWith(mine))).forEach(key => s.removeItem(key)));
}

const isChosen = field => field.type === 'checkbox' || field.type === 'radio';
const valueOf = field => (isChosen(field) ? field.checked : field.value);
function usual(field) {
  if (isChosen(field)) return field.defaultChecked;
  if (field.matches('select')) return ([...field.options].find(option => option.defaultSelected) || field.options[0])?.value;
  return field.defaultValue;
}

function put(field, value) {
  if (isChosen(field)) field.checked = value;
  else if (!field.matches('select') || [...field.options].some(option => option.value === value)) field.value = value;
  field.dispatchEvent(new Event('change', { bubbles: true }));
}

// What was typed into a form and is not sent. Of one that came back refused, all that was: its fields begin as typed.
function typed(form) {
  const refused = page.dataset.refused === form.dataset.draft;
  const before = all()[form.dataset.draft] || {};
  const fields = fieldsOf(form).filter(field => !field.disabled);
  const kept = fields.filter(field => valueOf(field) !== usual(field) || (refused && field.name in before));
  return kept.some(field => !('draftWith' in field.dataset)) ? Object.fromEntries(kept.map(field => [field.name, valueOf(field)])) : null;
}

function keep(form) {
  const drafts = all();
  const now = typed(form);
  if (now) drafts[form.dataset.draft] = now;
  else delete drafts[form.dataset.draft];
  save(drafts);
  if (!now) form.querySelector('[data-draft-kept]')?.remove();
}

function discard(form) {
  form.reset();
  for (const field of form.querySelectorAll('select')) field.dispatchEvent(new Event('change', { bubbles: true }));
  keep(form);
  (fieldsOf(form).find(field => field.matches('input, textarea') && !field.disabled) || form.elements[0]).focus();
}

function say(form) {
  const said = document.createElement('p');
  said.className = 'draft-kept small text-secondary';
  said.dataset.draftKept = '';
  said.textContent = `Kept from before: ${form.dataset.draftSaid} is not sent yet. `;
  const button = Object.assign(document.createElement('button'), { type: 'button', className: 'btn btn-sm btn-ghost-secondary', textContent: 'Discard' });
  button.addEventListener('click', () => discard(form));
  said.append(button);
  form.append(said);
}

function restore(form, draft) {
  for (const field of fieldsOf(form)) if (field.name in draft) put(field, draft[field.name]);
  if (!typed(form)) return keep(form);
  const folded = form.closest('details');
  if (folded) folded.open = true;
  return say(form);
}

if (page) {
  const { sent, refused } = page.dataset;
  const drafts = all();
  forget(`${KEPT}${page.dataset.drafts.split('-')[0]}-`);
  if (sent in drafts) {
    delete drafts[sent];
    save(drafts);
  }
  for (const form of forms) {
    const draft = drafts[form.dataset.draft];
    if (draft && form.dataset.draft !== refused) restore(form, draft);
    for (const kind of ['input', 'change']) form.addEventListener(kind, () => keep(form));
  }
  for (const kind of ['click', 'submit']) {
    addEventListener(kind, event => {
      within = kind === 'submit' || Boolean(event.target.closest?.('a[href]'));
      setTimeout(() => { within = false; }, 1000); // a number that is called, a place on this page: nobody left
    });
  }
  addEventListener('beforeunload', event => { if (!within && forms.some(typed)) event.preventDefault(); });
}
document.addEventListener('submit', event => { if ('draftsEnd' in event.target.dataset) forget(); });
