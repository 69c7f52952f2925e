// <section data-consent-banner hidden> with <button data-consent="granted|denied">; data-consent-ask opens it again.
const banner = document.querySelector('[data-consent-banner]');

function tell(analytics) {
  window.leadlight = window.leadlight || function () { (window.leadlight.q = window.leadlight.q || []).push(arguments); };
  window.leadlight('consent', { analytics });
}

if (banner) {
  let answer = null;
  try { answer = localStorage.getItem('ll-consent'); } catch { /* asked again on the next page */ }
  if (answer) tell(answer === 'granted');
  else banner.hidden = navigator.doNotTrack === '1' || Boolean(navigator.globalPrivacyControl);

  document.addEventListener('click', event => {
    const button = event.target.closest('[data-consent],[data-consent-ask]');
    if (!button) return;
    const given = button.dataset.consent;
    banner.hidden = Boolean(given);
    if (!given) return;
    try { localStorage.setItem('ll-consent', given); } catch { /* for this page only */ }
    tell(given === 'granted');
    document.getElementById('content')?.focus({ preventScroll: true });
  });
}
