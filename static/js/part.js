// Parts of a page: fetched by themselves (X-Requested-With: fetch), put in place, announced to other behaviours.
export const AS_PART = { 'X-Requested-With': 'fetch' };

export class Elsewhere extends Error {} // the answer was a redirect: signed out, or the next page

export async function fetchPart(url, options = {}) {
  const answer = await fetch(url, { ...options, headers: AS_PART, credentials: 'same-origin' });
  if (answer.redirected) throw Object.assign(new Elsewhere(answer.url), { url: answer.url });
  if (!answer.ok && answer.status !== 422) throw new Error(`${answer.status} from ${url}`);
  return answer.text();
}

export function arrived(element) {
  element.dispatchEvent(new CustomEvent('leadlight:part', { bubbles: true }));
}
