// <ul data-leads="Hot" data-leads-more="/next/page"> of leads: whichever is opened from there knows the others, in this
// tab and in the order in which they stood. <nav data-neighbours="ID"> on a lead's page then leads to the one before and
// the one after, and [data-leads-back] back to that list as it was.
const KEPT = 'leadlight-leads';
const LEAD = /\/admin\/leads\/(\d+)$/;
const bar = document.querySelector('[data-neighbours]');

const kept = () => { try { return JSON.parse(sessionStorage.getItem(KEPT)); } catch { return null; } };
const keep = list => { try { sessionStorage.setItem(KEPT, JSON.stringify(list)); } catch { /* then there are no neighbours */ } };
const idOf = link => LEAD.exec(new URL(link.href).pathname)?.[1];

function leadsOf(list) {
  const ids = [...list.querySelectorAll('a[href*="/admin/leads/"]')].map(idOf).filter(Boolean);
  return { ids: [...new Set(ids)], more: list.dataset.leadsMore || '' };
}

async function withNextPage(list) {
  const answer = await fetch(list.more, { credentials: 'same-origin' });
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('[data-leads]');
  const next = page ? leadsOf(page) : { ids: [], more: '' };
  return { ...list, ids: [...new Set([...list.ids, ...next.ids])], more: next.more };
}

function lead(link, id) {
  if (id) link.href = link.dataset.address.replace('/0', `/${id}`);
  else link.removeAttribute('href');
  link.classList.toggle('disabled', !id);
  link.setAttribute('aria-disabled', String(!id));
}

function show(list, at) {
  lead(bar.querySelector('[data-before]'), list.ids[at - 1]);
  lead(bar.querySelector('[data-after]'), list.ids[at + 1]);
  bar.querySelector('[data-place]').textContent = `${at + 1} of ${list.ids.length}${list.more ? '+' : ''}`;
  for (const link of document.querySelectorAll('[data-leads-back]')) link.href = list.address;
  bar.hidden = false;
}

async function begin() {
  let list = kept();
  const at = list ? list.ids.indexOf(bar.dataset.neighbours) : -1;
  if (at < 0) return;
  show(list, at);
  if (at + 1 < list.ids.length || !list.more) return;
  list = await withNextPage(list);
  keep(list);
  show(list, at);
}

document.addEventListener('click', event => {
  const link = event.target.closest('[data-leads] a[href]');
  if (!link || !idOf(link)) return;
  keep({ address: location.pathname + location.search, ...leadsOf(link.closest('[data-leads]')) });
});
if (bar) begin().catch(() => {}); // without an answer the list ends here
