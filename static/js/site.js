// What the public pages can do; each of them works without it.
import './menu.js';
import './progressive_form.js';
import './cost.js';
import './focus.js';
import './consent.js';
import './timezone.js';
