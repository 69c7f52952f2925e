// [data-focus] takes the focus when the page opens: errors and thanks are heard, not searched for.
document.querySelector('[data-focus]')?.focus();
