// What scrolls sideways can be reached and scrolled by the keyboard: only while it does.
const BOXES = '.table-responsive,.board,.snippet,pre';

function mark() {
  for (const box of document.querySelectorAll(BOXES)) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute('tabindex');
  }
}

mark();
addEventListener('resize', () => requestAnimationFrame(mark), { passive: true });
document.addEventListener('leadlight:part', mark);
