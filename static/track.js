// Leadlight's snippet. <script defer src="https://HOST/track.js" data-site="KEY"></script> is all a page needs.
// Optional: data-mode="cookie" or "consent" (cookieless without it), data-collect="address of the collector".
// At most 2.2 kB compressed: web vitals and script errors live in track-vitals.js, loaded once the page is idle.
(() => {
  let tag = document.currentScript;
  let { site, mode, collect } = tag.dataset;
  let early = window.leadlight || {};
  if (early.v) return; // the tag stands on the page twice

  let collector = collect || new URL('collect', tag.src);
  let now = Date.now;
  let forms = new Map(); // form being filled in -> name of its last field
  let queue = []; // {id, type, t: when, page, ...}: everything the server has not answered for
  let counter = 0x7000, tries = 0;
  let allowed; // undefined: not asked yet, events wait; 1: sent; 0: refused
  let stopped, page, visitor, unsent, timer, measuring, engaged, mark, depth, left;

  let guarded = f => (...args) => { try { f(...args); } catch { /* the page goes on */ } };
  // UUID version 7, a counter in the 12 bits after its time: ids keep the order in which things happened.
  let hex = number => number.toString(16);
  let uuid = () => hex(now()).replace(/.{7}/, '0$&-') + '-' + hex(counter++)
    + '-8000-' + hex(2 ** 48 * (1 + Math.random())).slice(1, 13);

  // Delivery: an event stays in the queue, and across pages in localStorage, until a 202 answers for it.
  let stored = () => {
    try {
      return JSON.parse(localStorage.ll_queue).filter(({ t }) => now() - t < 864e5);
    } catch { /* none, or no storage */ }
    return [];
  };

  let remember = answered => {
    let ids = queue.map(({ id }) => id);
    queue = queue.filter(event => !answered.includes(event));
    // another tab may have left its own
    let events = stored().filter(({ id }) => !ids.includes(id)).concat(queue);
    while (JSON.stringify(events).length > 2e4) events.shift(); // fewer than a hundred
    if (events[0]) localStorage.ll_queue = JSON.stringify(events);
    else delete localStorage.ll_queue;
  };

  let pack = (count = 100) => {
    let batch = queue.slice(0, count);
    page.title = document.title; // a single-page app sets it after its address
    let body = JSON.stringify({
      v: 1, site, visitor, page,
      events: batch.map(({ t, page: own, ...event }) => (
        { ...event, at: Math.min(0, t - now()), page: own === page ? undefined : own })),
    });
    unsent = 0;
    // 20,000 characters are less than 60 KiB in any language
    return count > 1 && body.length > 2e4 ? pack(count / 2) : [body, batch];
  };

  let send = async () => {
    let wait = 0;
    if (allowed && queue[0]) {
      try {
        tries++;
        let [body, batch] = pack();
        let answer = await fetch(collector, { method: 'POST', body, keepalive: true, credentials: 'omit' });
        wait = answer.headers.get('retry-after') * 1e3 || 0;
        if (/202|4(?!29)../.test(answer.status)) { // stored, or refused for good
          tries = 0;
          remember(batch);
        }
      } catch { /* offline or blocked: again later */ }
    }
    timer = allowed && queue[0] && setTimeout(send, wait + 500 * 2 ** Math.min(tries, 8) * (1 + Math.random()));
  };

  let add = (type, more) => {
    if (allowed === 0) return;
    queue.push({ type, page, t: now(), id: uuid(), ...more });
    unsent = 1;
    timer = timer || setTimeout(send, 1e3);
  };

  // The page view and its engaged time: visible, and active within the last 30 seconds.
  let active = () => {
    if (!left) engaged += Math.min(Math.abs(now() - mark), 3e4);
    mark = now();
  };

  let view = () => {
    page = {
      screen: [screen.width, screen.height], language: navigator.language,
      url: location.href, referrer: page ? page.url : document.referrer,
    };
    mark = now();
    engaged = depth = 0;
    left = document.hidden; // opened in the background
    add('page_viewed');
  };

  let leave = () => {
    active();
    add('leave', { engaged: engaged / 1e3 | 0 });
  };

  let moved = guarded(() => {
    if (location.href === page.url) return;
    abandon();
    leave();
    view();
  });

  let hide = () => {
    if (!left) leave();
    left = 1;
    if (allowed && (unsent || tries)) {
      if (navigator.sendBeacon) navigator.sendBeacon(collector, pack()[0]);
      else send();
      remember([]);
    }
  };

  // Forms: names of fields, never their values.
  let ignored = element => element.closest('[data-ll-ignore],[contenteditable]');
  let about = (type, form) => add('form_' + type, {
    data: { form: form.getAttribute('id') || form.getAttribute('name'), field: forms.get(form) },
  });
  let abandon = () => {
    forms.forEach((field, form) => about('abandoned', form));
    forms.clear();
  };

  let clicked = ({ target, button }) => {
    let element = target.closest('[data-ll-event],[role=button],[type=submit],button,a');
    if (button > 1 || ignored(element)) return;
    let { type, host, pathname, dataset } = element;
    let outbound = host && host !== location.host;
    add(
      element.hasAttribute('download') || /\.(pdf|docx?|xlsx?|pptx?|csv|zip|mp.)$/i.test(pathname) ? 'content_downloaded'
        : outbound ? 'link_clicked' : 'click', {
        // a field's text and value are the visitor's: only links, buttons and plain elements have a label
        label: (/^(sub|but|und|$)/.test(type) && (element.textContent.trim() || element.ariaLabel || element.value) || '').replace(/\s+/g, ' ').slice(0, 80),
        // no query; of tel: and mailto: no more than the scheme
        target: outbound ? host + pathname : host ? pathname : element.href ? element.protocol : element.id,
        important: 'llImportant' in dataset,
        name: dataset.llEvent,
      });
  };

  let scrolled = () => {
    measuring = measuring || requestAnimationFrame(guarded(() => {
      measuring = 0;
      let step = ((scrollY + innerHeight + 2) / document.documentElement.scrollHeight * 4 | 0) * 25;
      if (step > depth) add('scrolled', { data: { depth: depth = step } });
    }));
  };

  // Identity: what the site's mode allows to be stored and sent.
  let cookie = (value, age) => {
    document.cookie = 'll_visitor=' + value + ';samesite=lax;path=/;max-age=' + age + (location.protocol > 'http:' ? ';secure' : '');
  };

  let allow = () => {
    allowed = 1;
    if (mode && !visitor) cookie(visitor = uuid(), 34128e3); // 13 months, never renewed
    queue = stored().concat(queue);
    let script = document.createElement('script');
    script.src = new URL('track-vitals.js', tag.src);
    setTimeout(() => document.head.append(script), 1e3);
  };

  let api = window.leadlight = guarded((what, name, data) => {
    if (stopped) return;
    if (what !== 'consent') {
      add(what, { name: name && '' + name, data: data && JSON.parse(JSON.stringify(data)) });
    } else if (!name.analytics) {
      queue = [];
      allowed = 0;
      visitor = cookie('', 0);
      delete localStorage.ll_queue;
    } else if (!allowed) {
      allow();
      add(what, { data: name });
    }
  });
  api.v = 1;

  let start = guarded(() => {
    visitor = mode && (document.cookie.match(/ll_visitor=([\w-]{36})/) || [])[1];
    let listeners = {
      pointermove: active,
      keydown: active,
      scroll: scrolled,
      click: clicked,
      auxclick: clicked,
      input({ target }) {
        let { form } = target;
        if (!form || ignored(target)) return;
        let started = forms.has(form);
        forms.set(form, target.name || target.id);
        if (!started) about('started', form);
      },
      submit({ target }) {
        if (!ignored(target)) about('submitted', target);
        forms.delete(target);
      },
      visibilitychange() {
        left = document.hidden && (hide(), 1);
      },
      pagehide() { abandon(); hide(); },
      pageshow({ persisted }) { if (persisted) view(); }, // back from bfcache
      popstate: moved, // a change of the fragment fires it too
    };
    for (let type in listeners) {
      addEventListener(type, guarded(event => {
        active();
        listeners[type](event);
      }), { passive: true, capture: true });
    }
    for (let name of ['pushState', 'replaceState']) {
      let original = history[name].bind(history);
      history[name] = (...args) => {
        original(...args);
        moved();
      };
    }

    view();
    if (mode !== 'consent' || visitor) allow();
    for (let call of early.q || []) api(...call);
  });

  stopped = navigator.doNotTrack == 1 || navigator.globalPrivacyControl;
  guarded(() => { // the staff's switch: open any page with #ll-ignore, or with #ll-count to be counted again
    if (/#ll-ignore/.test(location)) localStorage.ll_ignore = 1;
    if (/#ll-count/.test(location)) delete localStorage.ll_ignore;
    if (localStorage.ll_ignore) stopped = 1;
  })();
  if (document.prerendering) addEventListener('prerenderingchange', start, true);
  else if (!stopped) start();
})();
