// The browser files, made from static/ and node_modules/ into static/dist/ (never committed).
// `node scripts/build_assets.mjs [--force]`. Everything is made in memory first: a failure leaves the old build whole.
//
// The admin's stylesheet keeps of Tabler only what the templates, the Python code and the scripts name at the moment
// of the build. A class that is put together at run time (`bg-{{ colour }}-lt`) must match COMPOSED below, or stand
// spelled out in a comment of the template.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const STATIC = join(ROOT, 'static');
const DIST = join(STATIC, 'dist');
const TABLER = join(ROOT, 'node_modules/@tabler/core/dist/css/tabler.min.css');
const STAMP = join(DIST, '.inputs');

const SNIPPETS = ['track.js', 'track-vitals.js']; // run on other people's pages: older browsers too
const SNIPPET_LIMIT = 2200; // bytes of track.js, gzip
const SCRIPTS = ['theme.js', 'site.js', 'admin.js', 'charts.js', 'photo.js', 'voice.js', 'board.js'];
const COLOURS = 'primary|secondary|success|warning|danger|info|red|orange|yellow|green|teal|cyan|azure|blue|indigo|purple|pink|lime';
const COMPOSED = {
  standard: [/^:/, /^html$/, /^body$/, /^show$/, /^active$/, /^disabled$/, /^is-invalid$/, /^icon$/, /^alert-dismissible$/,
    new RegExp(`^bg-(${COLOURS})(-lt)?$`), new RegExp(`^text-(${COLOURS})$`),
    /^alert-(success|info|warning|danger)$/, /^status-(green|orange|red|blue|secondary)$/],
  greedy: [/data-bs-theme/, /:focus-visible/],
};

const compressed = {
  gz: body => promisify(gzip)(body, { level: 9 }),
  br: body => promisify(brotliCompress)(body, { params: {
    [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: body.length } }),
};

async function filesUnder(folder, endings) {
  if (!existsSync(folder)) return [];
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  return found.filter(entry => entry.isFile() && endings.includes(extname(entry.name)))
    .map(entry => join(entry.parentPath ?? entry.path, entry.name)).filter(path => !path.startsWith(DIST)).sort();
}

const templates = () => filesUnder(join(ROOT, 'app/templates'), ['.html', '.svg', '.xml']);
const python = () => filesUnder(join(ROOT, 'app'), ['.py']);

async function hashOfInputs() {
  const inputs = [
    ...await filesUnder(STATIC, ['.js', '.css', '.svg', '.png', '.ico', '.webp', '.woff2']),
    ...await templates(), ...await python(),
    join(ROOT, 'package-lock.json'), fileURLToPath(import.meta.url),
  ];
  const hash = createHash('sha256');
  for (const path of inputs) hash.update(relative(ROOT, path)).update('\0').update(await readFile(path));
  return hash.digest('hex');
}

async function bundle(esbuild, entry, target) {
  const result = await esbuild.build({
    entryPoints: [entry], bundle: true, minify: true, format: 'iife', target, write: false, legalComments: 'none',
    logLevel: 'silent',
  });
  return result.outputFiles[0].contents;
}

async function snippet(esbuild, path) {
  const { code } = await esbuild.transform(await readFile(path, 'utf8'), { minify: true, target: 'es2019' });
  return code.trimEnd();
}

async function ownStyles(esbuild, names) {
  const sheets = await Promise.all(names.map(name => readFile(join(STATIC, 'css', name), 'utf8')));
  const { code } = await esbuild.transform(sheets.join('\n'), { loader: 'css', minify: true, target: ['chrome111', 'firefox113', 'safari16.4'] });
  return code;
}

async function purgedTabler() {
  const { PurgeCSS } = await import('purgecss');
  // Tabler's own name for a theme is also our buttons' attribute: theirs goes.
  const tabler = (await readFile(TABLER, 'utf8'))
    .replace(/\[data-theme=/g, '[data-bs-theme=').replace(/\/\*# sourceMappingURL=.*?\*\//, '');
  const own = [...new Set((await readFile(join(STATIC, 'css/admin.css'), 'utf8')).match(/--tblr-[a-z0-9-]+/g))];
  const contents = [...await templates(), ...await python(), ...await filesUnder(join(STATIC, 'js'), ['.js']),
    join(STATIC, 'css/base.css'), join(STATIC, 'css/admin.css')];
  const [{ css }] = await new PurgeCSS().purge({
    content: await Promise.all(contents.map(async path => ({ raw: await readFile(path, 'utf8'), extension: 'html' }))),
    css: [{ raw: tabler }],
    defaultExtractor: text => text.match(/[A-Za-z0-9_-]+/g) || [],
    dynamicAttributes: ['data-bs-theme', 'aria-expanded', 'aria-current', 'aria-pressed', 'aria-busy', 'hidden', 'open', 'disabled', 'readonly', 'type', 'multiple', 'size'],
    variables: true, keyframes: true, fontFace: true, safelist: { ...COMPOSED, variables: own },
  });
  return css;
}

async function make() {
  const esbuild = await import('esbuild');
  const files = new Map(); // name -> content
  const modern = ['chrome111', 'firefox113', 'safari16.4'];
  const styles = purgedTabler();
  await Promise.all([
    ...SNIPPETS.map(async name => files.set(name, await snippet(esbuild, join(STATIC, name)))),
    ...SCRIPTS.map(async name => files.set(name, await bundle(esbuild, join(STATIC, 'js', name), modern))),
    ownStyles(esbuild, ['base.css', 'site.css']).then(css => files.set('site.css', css)),
    ownStyles(esbuild, ['base.css', 'admin.css']).then(async css => files.set('admin.css', `${await styles}\n${css}`)),
    ...(await filesUnder(join(STATIC, 'img'), ['.svg', '.png', '.ico', '.webp'])).map(async path => {
      files.set(basename(path), await readFile(path));
    }),
  ]);
  const small = (await compressed.gz(Buffer.from(files.get('track.js')))).length;
  if (small > SNIPPET_LIMIT) throw new Error(`track.js is ${small} bytes compressed, ${SNIPPET_LIMIT} are allowed`);
  return files;
}

async function save(files, stamp) {
  await mkdir(DIST, { recursive: true });
  const manifest = {};
  const written = new Set(['manifest.json', '.inputs']);
  const rows = [];
  await Promise.all([...files].map(async ([name, content]) => {
    const body = Buffer.from(content);
    const hash = createHash('sha256').update(body).digest('hex').slice(0, 8);
    const ending = extname(name);
    const hashed = `${name.slice(0, -ending.length)}.${hash}${ending}`;
    const [gz, br] = await Promise.all([compressed.gz(body), compressed.br(body)]);
    manifest[name] = hashed;
    rows.push([name, body.length, gz.length, br.length]);
    for (const one of [name, hashed]) {
      for (const [path, data] of [[one, body], [`${one}.gz`, gz], [`${one}.br`, br]]) {
        written.add(path);
        await writeFile(join(DIST, path), data);
      }
    }
  }));
  const sorted = Object.fromEntries(Object.entries(manifest).sort());
  await writeFile(join(DIST, 'manifest.json'), `${JSON.stringify(sorted, null, 2)}\n`);
  // A server that is running still hands out the names of its own build: those stay for a day.
  for (const name of await readdir(DIST)) {
    const old = !written.has(name) && Date.now() - (await stat(join(DIST, name))).mtimeMs > 864e5;
    if (old) await rm(join(DIST, name), { recursive: true });
  }
  await writeFile(STAMP, stamp);
  rows.sort().forEach(([name, ...sizes]) => console.log(name.padEnd(18), ...sizes.map(size => String(size).padStart(8))));
}

try {
  const stamp = await hashOfInputs();
  const unchanged = existsSync(STAMP) && existsSync(join(DIST, 'manifest.json')) && await readFile(STAMP, 'utf8') === stamp;
  if (unchanged && !process.argv.includes('--force')) {
    console.log('assets are up to date');
  } else {
    await rm(STAMP, { force: true });
    if (!existsSync(TABLER)) throw new Error('node_modules is missing or incomplete: run `npm ci` first');
    console.log(`${'file'.padEnd(18)} ${['raw', 'gzip', 'brotli'].map(head => head.padStart(8)).join(' ')}`);
    await save(await make(), stamp);
  }
} catch (error) {
  console.error(`The assets were not built: ${error.message}`);
  process.exit(1);
}
