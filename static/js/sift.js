// Shows only what has the words typed. <div data-sift="SELECTOR" hidden><input type="search"> <p data-sift-count></p></div>;
// each of SELECTOR tells its words in data-sifted; a [data-sift-group] with none of them left goes too.
for (const box of document.querySelectorAll('[data-sift]')) {
  const input = box.querySelector('input');
  const count = box.querySelector('[data-sift-count]');
  const sift = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    const left = new Set();
    for (const each of document.querySelectorAll(box.dataset.sift)) {
      const told = each.dataset.sifted.toLowerCase();
      each.hidden = !words.every(word => told.includes(word));
      if (!each.hidden) left.add(told);
    }
    for (const group of document.querySelectorAll('[data-sift-group]')) {
      group.hidden = !group.querySelector('[data-sifted]:not([hidden])');
    }
    count.textContent = left.size ? `${left.size} of ${count.dataset.siftCount} addresses` : 'No address has these words. Try fewer.';
  };
  box.hidden = false;
  input.addEventListener('input', sift);
}
