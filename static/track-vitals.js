// Loaded by track.js once the page has settled: web vitals and script errors, by the snippet's own queue.
(() => {
  const leadlight = window.leadlight;
  if (!leadlight || !leadlight.v || leadlight.vitals) return;
  leadlight.vitals = 1;

  const vital = (name, value) => leadlight('web_vital', name, { value: Math.round(value * 1e4) / 1e4 });
  const observe = (type, each, options) => {
    try {
      new PerformanceObserver(list => list.getEntries().forEach(each)).observe({ type, buffered: true, ...options });
    } catch { /* this browser does not measure it */ }
  };

  const [navigation] = performance.getEntriesByType('navigation');
  if (navigation && navigation.responseStart > 0) vital('TTFB', navigation.responseStart);
  const hiddenFrom = document.hidden ? 0 : Infinity;
  observe('paint', entry => {
    if (entry.name === 'first-contentful-paint' && entry.startTime < hiddenFrom) vital('FCP', entry.startTime);
  });

  const latest = {}; // what is only known for good when the page is left
  observe('largest-contentful-paint', entry => { latest.LCP = entry.startTime; });

  let shift = 0, from = 0, last = 0; // layout shifts count by windows of at most 5 s, 1 s apart
  observe('layout-shift', ({ hadRecentInput, startTime, value }) => {
    if (hadRecentInput) return;
    if (startTime - last > 1e3 || startTime - from > 5e3) { shift = 0; from = startTime; }
    last = startTime;
    shift += value;
    latest.CLS = Math.max(latest.CLS || 0, shift);
  });
  if (PerformanceObserver.supportedEntryTypes.includes('layout-shift')) latest.CLS = latest.CLS || 0;

  const slowest = {}; // interaction -> its longest event; of every fifty the slowest is passed over
  observe('event', ({ interactionId, duration }) => {
    if (!interactionId) return;
    slowest[interactionId] = Math.max(slowest[interactionId] || 0, duration);
    const durations = Object.values(slowest).sort((a, b) => b - a);
    latest.INP = durations[Math.min(durations.length - 1, Math.floor(durations.length / 50))];
  }, { durationThreshold: 40 });

  // Errors: where and how often, never the message, which may quote what somebody typed.
  const errors = {};
  let timer;
  const report = () => {
    clearTimeout(timer);
    timer = 0;
    for (const place in errors) {
      const { source, line, count } = errors[place];
      if (count) leadlight('script_error', undefined, { count, source, line });
      errors[place].count = 0;
    }
  };
  addEventListener('error', ({ filename, lineno, message }) => {
    if (!message) return; // an image or a script that did not load
    let source = '';
    try { source = new URL(filename).host + new URL(filename).pathname; } catch { /* inline or evaluated */ }
    const place = source + ':' + lineno;
    if (!errors[place] && Object.keys(errors).length > 19) return;
    errors[place] = errors[place] || { source, line: lineno, count: 0 };
    errors[place].count++;
    timer = timer || setTimeout(report, 2e3);
  }, true);

  const settle = () => {
    report();
    for (const name in latest) {
      vital(name, latest[name]);
      delete latest[name];
    }
  };
  addEventListener('visibilitychange', () => { if (document.hidden) settle(); }, true);
  addEventListener('pagehide', settle, true);
})();
