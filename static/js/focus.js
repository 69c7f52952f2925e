// [data-focus] takes the focus when the page opens: errors and thanks are heard, not searched for. What the page itself
// names goes before a notice above it.
const asking = [...document.querySelectorAll('[data-focus]')];
(asking.find(one => !('flash' in one.dataset)) || asking[0])?.focus();
