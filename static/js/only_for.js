// <div data-only-for="VALUE" data-of="ID"> shows, and is sent, only while the field #ID has that value.
for (const part of document.querySelectorAll('[data-only-for]')) {
  const of = document.getElementById(part.dataset.of);
  const settle = () => {
    part.hidden = of.value !== part.dataset.onlyFor;
    for (const field of part.querySelectorAll('input, select, textarea')) field.disabled = part.hidden;
  };
  of.addEventListener('change', settle);
  settle();
}
