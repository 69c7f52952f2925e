// <form data-live="URL" data-live-target="#ID">: every change posts the form to URL and shows the answer in #ID.
import { arrived, fetchPart } from './part.js';

function start(form) {
  const target = document.querySelector(form.dataset.liveTarget);
  let timer, asked = 0;

  const update = async () => {
    const mine = ++asked;
    try {
      const html = await fetchPart(form.dataset.live, { method: 'POST', body: new FormData(form) });
      if (mine !== asked) return; // a later choice is on its way
      target.innerHTML = html;
      arrived(target);
    } catch { /* the last estimate stays; the button still calculates */ }
  };
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(update, 250);
  };
  form.addEventListener('input', soon);
  if (form.querySelector('[type=checkbox]:checked')) update();
}

document.querySelectorAll('form[data-live]').forEach(start);
