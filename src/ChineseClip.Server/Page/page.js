// The page is a client of the HTTP API like any other: whatever it shows, a script can get in the same way.

const EXAMPLES = ['红色的鱼', '夜晚的月亮', '海边的船', '雪地里的雪人', '三只蝴蝶', '草地上的房子', '黄色的汽车', '蓝色的雨伞'];
const HIT_COUNT = 24;
const TYPING_PAUSE_MS = 250;
const MAX_FACET_VALUES = 8;
const FACET_FIELDS = ['kind', 'color', 'setting', 'scene', 'category', 'count'];
const CAPTION_FIELDS = ['caption', 'captions', 'title', 'text', 'description', 'name', 'path'];

const $ = id => document.getElementById(id);
const state = { query: null, filters: new Map(), run: 0, abort: null, urls: [], key: sessionStorage.getItem('key') };

class ApiError extends Error {
  constructor(status, problem) {
    super(problem.detail ?? problem.title ?? `HTTP ${status}`);
    this.status = status;
    this.code = problem.code ?? String(status);
  }
}

async function call(path, body, signal) {
  const headers = body ? { 'Content-Type': 'application/json' } : {};
  if (state.key) headers.Authorization = `Bearer ${state.key}`;
  const response = await fetch(path, { method: body ? 'POST' : 'GET', headers, body: body && JSON.stringify(body), signal });
  if (!response.ok) throw new ApiError(response.status, await response.json().catch(() => ({})));
  return response;
}

const callJson = async (path, body, signal) => (await call(path, body, signal)).json();
const collectionPath = rest => `/v1/collections/${encodeURIComponent($('collection').value)}${rest}`;
const element = (tag, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
};

// --- what is looked for: {text} | {image, name, preview} | {id}

function ask(query, { remember = true } = {}) {
  state.query = query;
  showChip(query);
  for (const pill of $('examples').children) pill.setAttribute('aria-pressed', String(pill.textContent === query?.text));
  if (remember) {
    const url = new URL(location);
    url.search = '';
    if ($('collection').value) url.searchParams.set('c', $('collection').value);
    if (query?.text) url.searchParams.set('q', query.text);
    if (query?.id) url.searchParams.set('id', query.id);
    if (url.href !== location.href) history.pushState(null, '', url);
  }
  return search();
}

async function search() {
  const run = ++state.run;
  state.abort?.abort();
  if (!$('collection').value) return clear();
  state.abort = new AbortController();
  $('results').classList.add('busy');
  $('results').setAttribute('aria-busy', 'true');
  const must = [...state.filters].flatMap(([field, values]) => values.size ? [{ field, in: [...values] }] : []);
  const filter = must.length ? { must } : undefined;
  const started = performance.now();
  try {
    if (state.query) {
      const { text, image, id } = state.query;
      const body = { text, image: image && { base64: image }, id, k: HIT_COUNT, allowPartial: true, filter };
      const answer = await callJson(collectionPath('/search'), body, state.abort.signal);
      if (run === state.run) show(answer.hits, describe(answer, performance.now() - started));
    } else { // nothing is asked: let the visitor look around
      const page = await callJson(collectionPath('/scroll'), { limit: HIT_COUNT, filter }, state.abort.signal);
      if (run === state.run) show(page.items, page.items.length ? '随便看看 · 输入一句话开始搜索' : '');
    }
  } catch (error) {
    if (error.name !== 'AbortError' && run === state.run) showError(error);
  } finally {
    if (run === state.run) {
      $('results').classList.remove('busy');
      $('results').removeAttribute('aria-busy');
    }
  }
}

function clear() {
  $('results').replaceChildren();
  $('status').replaceChildren();
  $('status').className = '';
}

function describe({ timings: t, shardsAsked, shardsAnswered, hits }, elapsed) {
  const missing = shardsAnswered < shardsAsked ? ` · 结果不完整：${shardsAsked - shardsAnswered} 个分片没有回答` : '';
  const ms = value => value < 10 ? value.toFixed(1) : value.toFixed(0);
  return `${hits.length} 个结果 · 编码 ${ms(t.embedMs)} ms · 检索 ${ms(t.searchMs)} ms · 往返 ${ms(elapsed)} ms`
    + ` · 分片 ${shardsAnswered}/${shardsAsked}${missing}`;
}

function show(hits, status) {
  $('status').className = '';
  $('status').textContent = status;
  state.urls.splice(0).forEach(URL.revokeObjectURL);
  $('results').replaceChildren(...hits.map(card));
  $('empty').hidden = hits.length > 0;
  if (!hits.length) {
    $('empty').replaceChildren(element('strong', { textContent: '没有找到结果' }),
      [...state.filters.values()].some(values => values.size) ? '放宽上面的筛选条件再试试。' : '换一种说法，或者先往这个集合里放入图片。');
  }
}

function showError(error) {
  $('results').replaceChildren();
  $('empty').hidden = true;
  $('status').className = 'wrong';
  const reached = error instanceof ApiError;
  $('status').replaceChildren(element('code', { textContent: reached ? error.code : '无法连接' }), ' ', error.message);
  if (reached && error.status === 401) {
    $('keyform').hidden = false;
    $('key').focus();
  }
}

// --- hits

function card(hit) {
  const caption = captionOf(hit);
  const figure = element('figure');
  if (hit.score !== undefined) figure.append(element('span', { className: 'score', textContent: hit.score.toFixed(3), title: '余弦相似度' }));
  showPicture(figure, hit, caption);
  const similar = element('button', { type: 'button', className: 'similar', textContent: '找相似' });
  similar.setAttribute('aria-label', `找与 ${caption} 相似的图片`);
  similar.addEventListener('click', () => {
    $('query').value = '';
    ask({ id: hit.id, name: caption, preview: figure.querySelector('img')?.src });
    scrollTo({ top: 0, behavior: 'smooth' });
  });
  const item = element('li', { className: 'hit' }, figure, element('div', { className: 'text' },
    element('p', { className: 'caption', textContent: caption, title: caption }),
    element('footer', {}, element('span', { className: 'id', textContent: hit.id, title: hit.id }), similar)));
  item.dataset.id = hit.id;
  return item;
}

function captionOf({ id, payload }) {
  for (const field of CAPTION_FIELDS) {
    const value = Array.isArray(payload?.[field]) ? payload[field][0] : payload?.[field];
    if (typeof value === 'string' && value) return field === 'path' ? value.split('/').pop() : value;
  }
  return id;
}

async function showPicture(figure, { id, payload }, caption) {
  const fail = why => figure.prepend(element('div', { className: 'none', textContent: why }));
  const route = collectionPath(`/items/${encodeURIComponent(id)}/image`);
  let src = payload?.path ? route : payload?.url;
  if (!src) return fail(payload?.text ?? '没有图片');
  try {
    if (src === route && state.key) { // an <img> cannot send the key
      src = URL.createObjectURL(await (await call(route)).blob());
      state.urls.push(src);
    }
    const picture = element('img', { src, alt: caption, loading: 'lazy', decoding: 'async' });
    picture.addEventListener('error', () => { picture.remove(); fail('图片无法显示'); });
    figure.prepend(picture);
  } catch {
    fail('图片无法显示');
  }
}

// --- the search bar

function showChip(query) {
  const chip = $('chip');
  chip.hidden = !query || query.text !== undefined;
  if (chip.hidden) return chip.replaceChildren();
  const remove = element('button', { type: 'button', textContent: '×', title: '清除' });
  remove.setAttribute('aria-label', '清除图片查询');
  remove.addEventListener('click', () => { ask(null); $('query').focus(); });
  chip.replaceChildren(...(query.preview ? [element('img', { src: query.preview, alt: '' })] : []),
    element('span', { textContent: query.id === undefined ? query.name : `相似于 ${query.name}` }), remove);
}

async function takePicture(file) {
  if (!file) return;
  $('query').value = '';
  const url = await new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener('load', () => resolve(reader.result));
    reader.addEventListener('error', () => reject(reader.error));
    reader.readAsDataURL(file);
  });
  await ask({ image: url.slice(url.indexOf(',') + 1), name: file.name || '粘贴的图片', preview: url.startsWith('data:image/') ? url : undefined });
}

let typing;
$('query').addEventListener('input', event => {
  clearTimeout(typing);
  if (event.isComposing) return; // half-typed pinyin is no query
  typing = setTimeout(askText, TYPING_PAUSE_MS);
});
$('query').addEventListener('compositionend', () => {
  clearTimeout(typing);
  typing = setTimeout(askText, TYPING_PAUSE_MS);
});
$('form').addEventListener('submit', event => {
  event.preventDefault();
  clearTimeout(typing);
  askText();
});

function askText() {
  const text = $('query').value.trim();
  if (text) ask({ text });
  else if (state.query?.text !== undefined) ask(null);
}

$('file').addEventListener('change', () => { takePicture($('file').files[0]); $('file').value = ''; });
addEventListener('paste', event => {
  const file = [...event.clipboardData?.files ?? []].find(candidate => candidate.type.startsWith('image/'));
  if (file) { event.preventDefault(); takePicture(file); }
});
let depth = 0;
addEventListener('dragenter', event => { event.preventDefault(); if (++depth === 1) $('drop').classList.add('over'); });
addEventListener('dragleave', () => { if (--depth <= 0) { depth = 0; $('drop').classList.remove('over'); } });
addEventListener('dragover', event => event.preventDefault());
addEventListener('drop', event => {
  event.preventDefault();
  depth = 0;
  $('drop').classList.remove('over');
  takePicture(event.dataTransfer.files[0]);
});
addEventListener('keydown', event => {
  const isTyping = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement?.tagName);
  if (event.key === '/' && !isTyping) { event.preventDefault(); $('query').focus(); }
  if (event.key === 'Escape' && document.activeElement === $('query')) { $('query').value = ''; ask(null); }
});

// --- examples, filters, collections

for (const text of EXAMPLES) {
  const pill = element('button', { type: 'button', className: 'pill', textContent: text });
  pill.setAttribute('aria-pressed', 'false');
  pill.addEventListener('click', () => { $('query').value = text; ask({ text }); });
  $('examples').append(pill);
}

async function loadFilters() {
  state.filters.clear();
  $('filters').replaceChildren();
  let facets;
  try {
    ({ facets } = await callJson(collectionPath('/facets'), { fields: FACET_FIELDS, limit: MAX_FACET_VALUES }));
  } catch {
    return; // filters are a convenience; the search itself tells what is wrong
  }
  for (const { field, values } of facets.filter(facet => facet.values.length > 1)) {
    const chosen = new Set();
    state.filters.set(field, chosen);
    $('filters').append(element('div', { className: 'group' }, ...values.map(({ value, count }) => {
      const pill = element('button', { type: 'button', className: 'pill' }, `${value} `, element('span', { className: 'count', textContent: count }));
      pill.setAttribute('aria-pressed', 'false');
      pill.addEventListener('click', () => {
        const on = !chosen.has(value);
        if (on) chosen.add(value); else chosen.delete(value);
        pill.setAttribute('aria-pressed', String(on));
        search();
      });
      return pill;
    })));
  }
}

async function start() {
  const wanted = new URL(location).searchParams;
  try {
    const { collections } = await callJson('/v1/collections');
    $('collection').replaceChildren(...collections.map(({ name, itemCount }) =>
      element('option', { value: name, textContent: `${name} · ${itemCount.toLocaleString()}` })));
    $('collection').disabled = !collections.length;
    if (!collections.length) {
      $('empty').hidden = false;
      $('empty').replaceChildren(element('strong', { textContent: '还没有任何集合' }), '先建一个集合并放入图片，然后在这里搜索：',
        element('code', { textContent: 'chineseclip collection create photos --model demo\nchineseclip index ./photos --collection photos' }));
      $('empty').querySelector('code').style.whiteSpace = 'pre-wrap';
      return;
    }
    const fullest = collections.reduce((best, one) => one.itemCount > best.itemCount ? one : best);
    $('collection').value = collections.some(({ name }) => name === wanted.get('c')) ? wanted.get('c') : fullest.name;
    await Promise.all([loadFilters(), askFromAddress()]);
  } catch (error) {
    showError(error);
  }
}

function askFromAddress() {
  const wanted = new URL(location).searchParams;
  $('query').value = wanted.get('q') ?? '';
  if (wanted.get('id')) return ask({ id: wanted.get('id'), name: wanted.get('id') }, { remember: false });
  if (wanted.get('q')) return ask({ text: wanted.get('q') }, { remember: false });
  return ask(null, { remember: false });
}

$('collection').addEventListener('change', () => { loadFilters(); ask(state.query?.id === undefined ? state.query : null); });
$('keyform').addEventListener('submit', event => {
  event.preventDefault();
  state.key = $('key').value;
  sessionStorage.setItem('key', state.key);
  $('keyform').hidden = true;
  clear();
  start();
});
addEventListener('popstate', askFromAddress);
start();
