// <div data-job="/jobs/5" data-job-then="reload">: asks each second how far the job is, and shows it in place.
// When it is over the page is loaded again, to show what came of it. A server that does not answer is asked less often.
import { arrived, Elsewhere, fetchPart } from './part.js';

const OVER = '[data-job-state=done],[data-job-state=failed],[data-job-state=cancelled]';

function follow(box) {
  let failures = 0;
  const next = () => setTimeout(look, document.hidden ? 5000 : Math.min(1000 * 2 ** failures, 30000));
  async function look() {
    if (!box.isConnected) return;
    try {
      const html = await fetchPart(box.dataset.job);
      const focused = box.contains(document.activeElement) && document.activeElement.id;
      box.innerHTML = html;
      if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
      arrived(box);
      failures = 0;
    } catch (error) {
      if (error instanceof Elsewhere) return location.reload();
      failures += 1;
    }
    if (!box.querySelector(OVER)) next();
    else if (box.dataset.jobThen === 'reload') location.reload();
  }
  if (!box.querySelector(OVER)) next();
}

document.querySelectorAll('[data-job]').forEach(follow);
