// say('Copied'): a toast, and the same words to screen readers.
let place;

export function say(text) {
  if (!place) {
    place = document.createElement('div');
    place.className = 'toasts';
    place.setAttribute('role', 'status');
    document.body.append(place);
  }
  const toast = document.createElement('p');
  toast.className = 'toast-note';
  toast.textContent = text;
  place.replaceChildren(toast);
  setTimeout(() => toast.remove(), 5000);
}
