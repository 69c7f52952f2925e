// <input type="hidden" data-timezone>: tells the visitor's time zone along, unless one was chosen.
document.querySelectorAll('[data-timezone]').forEach(field => {
  field.value ||= Intl.DateTimeFormat().resolvedOptions().timeZone || '';
});
