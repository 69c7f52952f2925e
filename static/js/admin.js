// What every signed-in page can do. Charts are a file of their own (charts.js), the colours too (theme.js).
import './menu.js';
import './copy.js';
import './confirm.js';
import './refresh.js';
import './dismiss.js';
import './autosubmit.js';
import './progressive_form.js';
import './focus.js';
import './scrollable.js';
import './job.js';
import './form_editor.js';
import './rows.js';
import './week.js';
import './reorder.js';
import './unsaved.js';
import './busy.js';
import './rules.js';
