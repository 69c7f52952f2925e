// <canvas data-chart='{"type": "line|bar|doughnut", "labels": [...], "series": [{"name": "...", "values": [...]}],
//   "unit": "%", "max": 100 (of a horizontal one), "stacked": true, "horizontal": true, "title": "...", "links": ["/leads?..."]}'>
// inside a <div class="chart">. A series may have its own "type" and "axis": "right" (its unit: "unit_right").
// Colours are --chart-1 ... --chart-8, --chart-grid, --chart-text of the page, read again when its theme changes.
import {
  ArcElement, BarController, BarElement, CategoryScale, Chart, DoughnutController, Filler, Legend,
  LinearScale, LineController, LineElement, PointElement, Tooltip,
} from 'chart.js';

Chart.register(
  ArcElement, BarController, BarElement, CategoryScale, DoughnutController, Filler, Legend,
  LinearScale, LineController, LineElement, PointElement, Tooltip,
);

Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;

const drawn = new Map(); // canvas -> chart
const calm = matchMedia('(prefers-reduced-motion: reduce)');
const number = new Intl.NumberFormat(document.documentElement.lang || 'en', { maximumFractionDigits: 1 });
const probe = document.createElement('i'); // a custom property is only text: the browser makes a colour of it
probe.hidden = true;
function color(name, canvas) {
  canvas.after(probe);
  probe.style.color = `var(--chart-${name}, #888)`;
  const resolved = getComputedStyle(probe).color;
  probe.remove();
  return resolved;
}
const shown = (value, unit) => (value == null ? '–' : number.format(value) + (unit === '%' ? '%' : unit ? ` ${unit}` : ''));
const faded = paint => paint.replace('rgb(', 'rgba(').replace(')', ', .14)');

function dataset(series, index, told, canvas) {
  const paint = color((index % 8) + 1, canvas);
  const round = told.type === 'doughnut';
  const line = (series.type || told.type) === 'line';
  return {
    label: series.name,
    data: series.values,
    type: series.type || told.type,
    yAxisID: round || told.horizontal ? undefined : series.axis === 'right' ? 'right' : 'y',
    order: line ? 0 : 1,
    borderColor: round ? color('paper', canvas) : paint,
    backgroundColor: round ? series.values.map((_, i) => color((i % 8) + 1, canvas)) : line ? faded(paint) : paint,
    borderWidth: line || round ? 2 : 0,
    borderRadius: line || round ? undefined : 3,
    maxBarThickness: 42,
    borderDash: line && index % 8 > 0 ? [[], [6, 3], [2, 2], [8, 3, 2, 3]][index % 4] : undefined, // not by colour alone
    fill: line && told.series.length === 1,
    tension: 0.25,
    pointRadius: line && series.values.length > 31 ? 0 : 2,
    pointHoverRadius: 5,
    pointBackgroundColor: paint,
    spanGaps: true,
  };
}

function scales(told, canvas) {
  if (told.type === 'doughnut') return {};
  const text = color('text', canvas);
  const grid = color('grid', canvas);
  const value = (unit, more) => ({
    beginAtZero: true, stacked: Boolean(told.stacked), border: { display: false },
    grid: { color: grid }, ticks: { color: text, maxTicksLimit: 6, callback: tick => shown(tick, unit) }, ...more,
  });
  const category = {
    stacked: Boolean(told.stacked), grid: { display: false }, border: { color: grid },
    ticks: { color: text, maxRotation: 0, autoSkip: true, autoSkipPadding: 12 },
  };
  if (told.horizontal) return { x: value(told.unit, { max: told.max }), y: { ...category, ticks: { color: text, autoSkip: false } } };
  const both = { x: category, y: value(told.unit) };
  if (told.series.some(series => series.axis === 'right')) {
    both.right = value(told.unit_right, { position: 'right', grid: { display: false } });
  }
  return both;
}

function configuration(told, canvas) {
  const text = color('text', canvas);
  return {
    type: told.type,
    data: { labels: told.labels, datasets: told.series.map((series, index) => dataset(series, index, told, canvas)) },
    options: {
      responsive: true,
      maintainAspectRatio: false,
      animation: calm.matches ? false : { duration: 300 },
      indexAxis: told.horizontal ? 'y' : 'x',
      interaction: told.type === 'doughnut' ? {} : { mode: 'index', intersect: false, axis: told.horizontal ? 'y' : 'x' },
      cutout: '62%',
      scales: scales(told, canvas),
      onClick: (_, hits) => { if (told.links?.[hits[0]?.index]) location.assign(told.links[hits[0].index]); },
      onHover: (event, hits) => { canvas.classList.toggle('chart-link', Boolean(told.links?.[hits[0]?.index])); },
      plugins: {
        legend: {
          display: told.series.length > 1 || told.type === 'doughnut', position: 'bottom',
          labels: { color: text, boxWidth: 12, boxHeight: 12, usePointStyle: false },
        },
        tooltip: {
          backgroundColor: color('tooltip', canvas), titleColor: '#fff', bodyColor: '#fff', padding: 10, cornerRadius: 6,
          callbacks: {
            label: item => {
              const series = told.series[item.datasetIndex];
              const name = told.type === 'doughnut' ? item.label : series.name;
              return ` ${name}: ${shown(item.raw, series.axis === 'right' ? told.unit_right : told.unit)}`;
            },
          },
        },
      },
    },
  };
}

function describe(told) {
  const last = told.labels.length - 1;
  const series = told.series.map(({ name, values }) => `${name}: ${shown(values[0], told.unit)} to ${shown(values[last], told.unit)}`);
  const kind = { line: 'Line chart', bar: 'Bar chart', doughnut: 'Ring chart' }[told.type] || 'Chart';
  return `${told.title || kind}, ${told.labels.length} points. ${series.join('; ')}. The table holds every value.`;
}

function draw(canvas) {
  if (drawn.has(canvas)) return;
  try {
    const told = JSON.parse(canvas.dataset.chart);
    canvas.setAttribute('role', 'img');
    if (!canvas.hasAttribute('aria-label') && !canvas.hasAttribute('aria-labelledby')) {
      canvas.setAttribute('aria-label', describe(told));
    }
    drawn.set(canvas, new Chart(canvas, configuration(told, canvas)));
  } catch (error) { // a broken chart breaks alone; its table is below
    canvas.hidden = true;
    console.warn('A chart could not be drawn.', error);
  }
}

function sweep() { // those that a refresh took away
  for (const [canvas, chart] of drawn) {
    if (canvas.isConnected) continue;
    chart.destroy();
    drawn.delete(canvas);
  }
}

const drawAll = from => from.querySelectorAll('canvas[data-chart]').forEach(draw);
drawAll(document);
document.addEventListener('leadlight:part', event => { sweep(); drawAll(event.target); });
new MutationObserver(() => {
  sweep();
  for (const [canvas, chart] of [...drawn]) {
    chart.destroy();
    drawn.delete(canvas);
    draw(canvas);
  }
}).observe(document.documentElement, { attributeFilter: ['data-bs-theme'] });
