// Where one stands, and how one moves: the slider, keys, links, the search.

const start = { run: 0, at: 1, stage: -1, view: 'After', tab: 'Events', pair: -1, side: 0 };
const here = { ...start };
let told = 0; // the number of what is being shown: what comes later than another is dropped
let hits = new Set(), hitList = [], query = '';
const list = new RowList($('list'));
const redraw = () => list.later();
const run = () => contents.runs[here.run];
const tabs = () => ['Events', 'Visits', 'Faults', ...(run().kin || run().unshown ? ['Started'] : []), 'About', ...(contents.compare ? ['Comparison'] : [])];
let shownVisit = null, shownEvent = null;

async function show(change = {}, { moves = false } = {}) {
  Object.assign(here, change);
  here.at = Math.max(1, Math.min(here.at, run().events));
  const mine = ++told;
  $('slider').max = run().events;
  $('slider').value = here.at;
  const event = await asShown(await eventAt(here.run, here.at));
  const visit = event.visit ? await visitOf(here.run, event.visit) : null;
  if (mine !== told) return;
  if (change.at !== undefined || change.run !== undefined) here.stage = change.stage ?? event.revealed - 1;
  here.stage = Math.min(here.stage, (visit ? visit.stages.length : 0) - 1);
  shownVisit = visit;
  shownEvent = event;
  $('where').textContent = `event ${event.id} · ${here.at.toLocaleString('en')} of ${run().events.toLocaleString('en')} · ${elapsed(event.time)}`;
  drawHead(event, visit);
  drawStages($('stage-list'), visit, event.revealed, event.waiting, here.stage, (stage) => show({ stage, side: 0 }));
  const state = await drawGraph(here.run, here.at);
  if (mine !== told) return;
  const group = state || (visit && drawingOf(here.run).states.find(([, place]) => place === visit.state)?.[0]);
  if (moves) reveal(group);
  await drawOther(mine);
  await drawData(event, visit, mine);
  if (mine !== told) return;
  if (moves && here.tab === 'Events') list.see(here.at - 1); else list.draw();
  setLink(event);
  document.body.dataset.shown = `${here.run + 1}:${event.id}`;
}

// The end of a run that failed is of no state: what is shown there is the one that failed.
async function asShown(event) {
  if (event.visit || here.at < run().events || run().status === 'SUCCEEDED' || !run().faults) return event;
  const [, number] = (await fetched(`f${here.run}`)).at(-1), visit = await visitOf(here.run, number);
  return visit ? { ...event, visit: number, revealed: visit.stages.length, waiting: 0 } : event;
}

function drawHead(event, visit) {
  const name = visit ? stateOf(here.run, visit.state) : null;
  $('state').textContent = name ? name[0] : event.type;
  const parts = name ? [name[1], visit.branch, visit.attempts > 1 ? `${visit.attempts} attempts in all` : '', `it took ${duration(visit.end - visit.begin)}`] : [here.at === run().events ? run().end : ''];
  $('state-told').textContent = [name ? event.type : '', ...parts].filter(Boolean).join(' · ') || 'The data below are the input of the execution.';
}

// The visit of the other run beside the one that stands, where two are compared.
async function drawOther(mine) {
  const pairs = here.tab === 'Comparison' && here.pair >= 0 ? await fetched('c') : null;
  const pair = pairs && pairs[here.pair];
  $('other-column').hidden = !pair;
  $('side-0').hidden = !pair;
  $('columns').classList.toggle('two', Boolean(pair));
  if (!pair) return;
  const [left, right] = [pair.left && (await visitOf(0, pair.left)), pair.right && (await visitOf(1, pair.right))];
  if (mine !== told) return;
  contents.runs.forEach((one, side) => { $(`side-${side}`).textContent = `${'AB'[side]}: ${one.title}`; });
  const choose = (side) => (stage) => show({ stage, side });
  [[left, 'stage-list'], [right, 'other-list']].forEach(([visit, id], side) => {
    drawStages($(id), visit, visit ? visit.stages.length : 0, 0, here.side === side ? here.stage : -1, choose(side));
    if (!visit) $(id).append(el('li', 'pending', 'This run has no such visit.'));
  });
  const any = left || right;
  $('state').textContent = stateOf(left ? 0 : 1, any.state)[0];
  $('state-told').textContent = contents.compare.first;
}

async function drawData(event, visit, mine) {
  const compares = here.tab === 'Comparison';
  const views = compares ? ['Contrasts', ...VIEWS.slice(0, 5)] : VIEWS;
  if (!views.includes(here.view)) here.view = compares ? 'Contrasts' : 'After';
  drawTabs($('data-tabs'), views, here.view, (view) => show({ view }));
  let box, lines = [];
  if (compares && here.view === 'Contrasts') {
    const pair = here.pair >= 0 ? (await fetched('c'))[here.pair].contrasts : contents.compare.end;
    box = await contrastsOf(pair);
    lines = [here.pair >= 0 ? 'What differs: in A, in B' : contents.compare.first];
  } else {
    let stage = visit ? visit.stages[here.stage] : null, waits = false, pending = false;
    if (compares && here.pair >= 0) {
      const pair = (await fetched('c'))[here.pair], number = here.side ? pair.right : pair.left;
      visit = number ? await visitOf(here.side, number) : null;
      stage = visit ? visit.stages[here.stage] : null;
    } else {
      waits = Boolean(event.waiting) && here.stage === event.revealed - 1;
      pending = Boolean(stage) && here.stage >= event.revealed;
    }
    box = await dataOf(here.view, { visit, stage, event, waits, pending, run: here.run }, query);
    if (stage && !pending && !waits) lines = [...stage.told, ...(stage.origin ? [`Where it is from: ${stage.origin}`] : [])];
  }
  if (mine !== told) return;
  box.className = 'shown';
  $('tree').replaceChildren(box);
  $('told').replaceChildren(...lines.map((text) => el('p', '', text)));
}

function drawTabs(box, names, chosen, choose) {
  box.replaceChildren(
    ...names.map((name) => {
      const tab = el('button', '', name);
      tab.setAttribute('role', 'tab');
      tab.setAttribute('aria-selected', name === chosen);
      tab.onclick = () => choose(name);
      return tab;
    }),
  );
}

function openTab(tab) {
  here.tab = tab;
  if (!tabs().includes(tab)) here.tab = tab = 'Events';
  const title = { Faults: `Faults ${run().faults.toLocaleString('en')}`, Started: `Started ${run().kin.toLocaleString('en')}` };
  drawTabs($('list-tabs'), tabs().map((name) => title[name] || name), title[tab] || tab, (name) => openTab(name.split(' ')[0]) || show());
  $('about').hidden = tab !== 'About';
  $('list').hidden = tab === 'About';
  list.box.scrollTop = 0;
  const now = () => here.at;
  if (tab === 'Events') {
    list.set('events', run().events, eventRow(here.run, now, () => hits, redraw), (at) => show({ at: at + 1 }, { moves: true }));
    list.see(here.at - 1);
  } else if (tab === 'Visits') {
    list.set('visits', run().visits.length, visitRow(here.run, () => shownEvent && shownEvent.visit, redraw), toVisit);
    if (shownEvent && shownEvent.visit) list.see(visitPlaces[here.run].get(shownEvent.visit));
  } else if (tab === 'Faults') {
    list.set('faults', run().faults, faultRow(here.run, now, redraw), async (at) => show({ at: (await fetched(`f${here.run}`))[at][0] }, { moves: true }));
  } else if (tab === 'Started') {
    list.set('started', run().kin, kinRow(here.run, redraw), toKin);
  } else if (tab === 'Comparison') {
    list.set('comparison', contents.compare.pairs, pairRow(() => here.pair, redraw), toPair);
  } else about($('about'));
}

async function toVisit(at) {
  const visit = await visitOf(here.run, run().visits[at]);
  if (visit && visit.first) await show({ at: visit.last }, { moves: true });
}

// Into an execution that this one started: to its end, where what failed is shown.
async function toKin(at) {
  const place = (await fetched(`k${here.run}`))[at][0];
  if (place >= 0) await toRun(place, contents.runs[place].events);
}

async function toRun(next, at) {
  switchRun(next);
  openTab('Events');
  await show({ at }, { moves: true });
}

// To what this run started: with one execution of it, into that; with more, to the list of them.
function inside() {
  if (run().kin) openTab('Started');
}

function outside() {
  const { parent } = run();
  return parent ? toRun(parent[0], parent[1] || contents.runs[parent[0]].events).then(() => openTab('Started')) : undefined;
}

function drawTrail() {
  const way = [];
  for (let at = here.run; at !== null; at = contents.runs[at].parent && contents.runs[at].parent[0]) way.unshift(at);
  $('trail').hidden = way.length < 2;
  $('trail').replaceChildren(...way.flatMap((at, depth) => {
    const { title, status, parent } = contents.runs[at];
    if (at === here.run) return [el('span', '', `${title} (${status})`)];
    const up = el('button', '', title), started = contents.runs[way[depth + 1]].parent[1];
    up.title = parent ? 'To the execution that started this one' : 'To the whole run';
    up.onclick = () => toRun(at, started || contents.runs[at].events);
    return [up, el('span', 'faint', '›')];
  }));
}

async function toPair(at) {
  const pair = (await fetched('c'))[at], side = pair.left ? 0 : 1;
  const visit = await visitOf(side, pair.left || pair.right);
  if (here.run !== side) switchRun(side);
  await show({ pair: at, side, at: visit.last || 1, view: 'Contrasts' }, { moves: true });
  list.see(at);
}

function factsOf(number) {
  const one = contents.runs[number];
  const rows = [['Run', one.title], ['Status', one.status], ['End', one.end], ['Kind', one.mode], ['Events', one.events.toLocaleString('en')]];
  return [...rows.filter(([, text]) => text), ...one.facts.filter(([heading]) => heading !== 'Status')];
}

function about(box) {
  const different = contents.compare ? [el('h2', '', 'What is different'), ...toldLines(), el('h2', '', `Run ${'AB'[here.run]}`)] : [];
  box.replaceChildren(...different, facts(factsOf(here.run)), ...(run().unshown ? [el('p', 'faint', run().unshown)] : []));
}

// The first of these sentences, above all else.
function drawDifferent() {
  const lines = contents.compare ? toldLines() : [];
  $('different').hidden = !lines.length;
  if (!lines.length) return;
  const more = el('button', '', `${lines.length - 1} more`);
  more.onclick = () => openTab('About');
  $('different').replaceChildren(lines[0], ...(lines.length > 1 ? [more] : []));
}

// What decided that two runs went other ways, each sentence with links to the events that show it.
function toldLines() {
  return contents.compare.told.map(({ text, left, right }) => {
    const line = el('p', 'told-line', `${text} `);
    [left, right].forEach((id, number) => {
      if (!id) return;
      const link = el('a', '', `${'AB'[number]}: event ${id}`);
      link.setAttribute('href', number ? `#run=2&event=${id}` : `#event=${id}`);
      line.append(link, ' ');
    });
    return line;
  });
}

// Moving

const visits = () => run().visits;

// To the end of the next state, or of the one before.
async function step(way) {
  const current = shownEvent && shownEvent.visit ? visitPlaces[here.run].get(shownEvent.visit) : way > 0 ? -1 : visits().length;
  let next = current;
  if (way > 0 && current >= 0 && shownVisit && here.at < shownVisit.last) return show({ at: shownVisit.last }, { moves: true });
  do next += way; while (next >= 0 && next < visits().length && !(await visitOf(here.run, visits()[next])).first);
  if (next < 0) return show({ at: 1 }, { moves: true });
  if (next >= visits().length) return show({ at: run().events }, { moves: true });
  return toVisit(next);
}

function stage(way) {
  const count = shownVisit ? shownVisit.stages.length : 0;
  const next = here.stage + way;
  if (next >= 0 && next < Math.min(count, here.tab === 'Comparison' ? count : shownEvent.revealed)) return show({ stage: next });
  return show({ at: here.at + way }, { moves: true });
}

async function toFault() {
  const places = run().faultEvents;
  if (places.length) await show({ at: places.find((at) => at > here.at) ?? places[0] }, { moves: true });
}

function toDifference(way) {
  if (!contents.compare) return undefined;
  const places = contents.compare.differing;
  if (here.tab !== 'Comparison') openTab('Comparison');
  if (!places.length) return show();
  const after = places.filter((at) => at > here.pair), before = places.filter((at) => at < here.pair);
  return toPair(way > 0 ? (after[0] ?? places[0]) : (before.at(-1) ?? places.at(-1)));
}

function switchRun(next) {
  here.run = next;
  drawings.forEach((drawing, number) => { drawing.box.hidden = number !== contents.runs[next].drawing; });
  drawTrail();
  hits = new Set();
  hitList = [];
  $('found').textContent = '';
  drawTicks();
  drawSwitch();
}

function drawSwitch() {
  const button = $('other-run');
  button.hidden = !contents.compare;
  button.textContent = `Run ${'AB'[here.run]} is shown`;
  button.title = contents.compare ? `Show the other one: ${contents.runs[1 - here.run].title}` : '';
}

// Links: #event=17, and in a comparison #run=2&event=17

function setLink(event) {
  const parts = [...(here.run ? [`run=${here.run + 1}`] : []), `event=${event.id}`];
  try { history.replaceState(null, '', `#${parts.join('&')}`); } catch { /* an address that cannot be changed */ }
}

async function follow() {
  const asked = new URLSearchParams(location.hash.slice(1));
  const number = Number(asked.get('run') ?? 1) - 1;
  const next = contents.runs[number] ? number : 0;
  if (next !== here.run) switchRun(next);
  if (asked.has('event') || asked.has('run')) openTab('Events');
  const id = Number(asked.get('event'));
  const at = asked.has('event') && Number.isFinite(id) ? await placeOf(here.run, id) : contents.compare ? here.at : run().events;
  await show({ at }, { moves: true });
}

// The search

async function search(text) {
  query = text;
  hits = new Set();
  hitList = [];
  const mine = ++searches;
  if (!text) { $('found').textContent = ''; return show(); }
  $('found').textContent = 'searching…';
  const known = new Set();
  for (let part = 0; part < contents.values.length; part++) {
    const texts = await fetched(`x${part}`);
    if (mine !== searches) return undefined;
    texts.forEach((one, at) => { if (isHit(one, text)) known.add(contents.values[part] + at); });
  }
  const of = here.run;
  for (let part = 0; part * EVENTS_IN_PIECE < run().events; part++) {
    const rows = (await fetched(`e${of}-${part}`)).rows;
    if (mine !== searches) return undefined;
    rows.forEach((one, at) => {
      const event = row(one);
      if (known.has(event.details) || isHit(`${event.type}\n${event.state}\n${event.error}`, text)) hits.add(part * EVENTS_IN_PIECE + at + 1);
    });
  }
  for (let part = 0; part * VISITS_IN_PIECE < visits().length; part++) {
    for (const visit of await fetched(`v${of}-${part}`))
      if (visit.first && visit.stages.some((one) => known.has(one.before) || known.has(one.after))) hits.add(visit.last);
    if (mine !== searches) return undefined;
  }
  hitList = [...hits].sort((left, right) => left - right);
  return match(0);
}

let searches = 0;

// To the next match (1), the one before (-1), or the first from here on (0).
function match(way) {
  if (!query) { $('query').focus(); return undefined; }
  if (!hitList.length) { $('found').textContent = contents.runs.length > 1 ? 'nothing in this run' : 'nothing'; return show(); }
  let at = hitList.findIndex((one) => (way === 0 ? one >= here.at : one > here.at));
  if (way < 0) at = hitList.findLastIndex((one) => one < here.at);
  if (at < 0) at = way < 0 ? hitList.length - 1 : 0;
  $('found').textContent = `${(at + 1).toLocaleString('en')} of ${hitList.length.toLocaleString('en')}`;
  return show({ at: hitList[at] }, { moves: true });
}

// Keys: those of the terminal

const KEYS = [
  ['n', 'N', 'to the end of the next state, of the one before', () => step(1), () => step(-1)],
  ['→', '←', 'an event on, an event back', () => show({ at: here.at + 1 }, { moves: true }), () => show({ at: here.at - 1 }, { moves: true })],
  [']', '[', 'the same', () => show({ at: here.at + 1 }, { moves: true }), () => show({ at: here.at - 1 }, { moves: true })],
  ['s', 'S', 'a stage on, a stage back', () => stage(1), () => stage(-1)],
  ['j', 'k', 'a row down, a row up', () => rows(1), () => rows(-1)],
  ['↓', '↑', 'the same', () => rows(1), () => rows(-1)],
  ['PageDown', 'PageUp', 'a page of rows', () => rows(list.page), () => rows(-list.page)],
  ['Home', 'End', 'to the first event, to the last', () => show({ at: 1 }, { moves: true }), () => show({ at: run().events }, { moves: true })],
  ['g', 'G', 'the same', () => show({ at: 1 }, { moves: true }), () => show({ at: run().events }, { moves: true })],
  ['!', '', 'to the next fault', toFault],
  ['d', '', 'before, after, difference, expression, …', () => turn()],
  ['/', '', 'search in events and data', () => { $('query').focus(); $('query').select(); }],
  ['.', ',', 'the next match, the one before', () => match(1), () => match(-1)],
  ['1', '4', 'to the graph; the list of events', () => $('graph').focus(), () => openTab('Events') || show()],
  ['D', '', 'durations: the visits with their times', () => openTab('Visits') || show()],
  ['A', '', 'about this run', () => openTab('About')],
  ...(contents.runs.some((one) => one.kin) ? [['>', '<', 'to the executions that this one started; to the one that started it', inside, outside]] : []),
  ...(contents.compare ? [['x', 'X', 'the next difference of the two runs, the one before', () => toDifference(1), () => toDifference(-1)], ['t', '', 'the other run', () => { switchRun(1 - here.run); openTab(here.tab); show({ at: here.at }, { moves: true }); }]] : []),
  ['T', '', 'dark, light', () => setTheme(theme() === 'dark' ? 'light' : 'dark')],
  ['?', 'Esc', 'this help; close it', () => help(true), () => help(false)],
];
const NAMES = { '→': 'ArrowRight', '←': 'ArrowLeft', '↓': 'ArrowDown', '↑': 'ArrowUp', Esc: 'Escape' };
const doing = new Map(KEYS.flatMap(([key, other, , one, two]) => [[NAMES[key] || key, one], [NAMES[other] || other, two]]).filter(([key]) => key));

function rows(way) {
  if (here.tab === 'Visits' && shownEvent && shownEvent.visit) {
    const at = visitPlaces[here.run].get(shownEvent.visit) + way;
    return toVisit(Math.max(0, Math.min(at, visits().length - 1))).then(() => list.see(visitPlaces[here.run].get(shownEvent.visit)));
  }
  if (here.tab === 'Comparison') return contents.compare.pairs ? toPair(Math.max(0, Math.min(here.pair + way, contents.compare.pairs - 1))) : undefined;
  return show({ at: here.at + way }, { moves: true });
}

function turn() {
  const views = [...$('data-tabs').children].map((tab) => tab.textContent);
  return show({ view: views[(views.indexOf(here.view) + 1) % views.length] });
}

function help(isOpen) {
  if (!isOpen && $('help').hidden) {
    if (document.activeElement !== document.body) document.activeElement.blur();
    return;
  }
  $('help').hidden = !isOpen;
  if (isOpen) $('help-close').focus();
}

document.addEventListener('keydown', (event) => {
  const inText = event.target === $('query');
  if (inText && event.key === 'Enter') { search($('query').value); event.preventDefault(); return; }
  if (inText && event.key === 'Escape') { $('query').blur(); return; }
  if (inText || event.ctrlKey || event.metaKey || event.altKey) return;
  if (!$('help').hidden && event.key !== 'Escape' && event.key !== '?') return;
  if (event.key === 'Enter' || event.key === ' ' || event.key === 'Tab') return;
  const act = doing.get(event.key);
  if (!act) return;
  event.preventDefault();
  act();
});

// The theme

const dark = matchMedia('(prefers-color-scheme: dark)');
const theme = () => document.documentElement.dataset.theme;
let chosenTheme = '';

function setTheme(next) {
  chosenTheme = next;
  document.documentElement.dataset.theme = next;
}

dark.addEventListener('change', () => { if (!chosenTheme) document.documentElement.dataset.theme = dark.matches ? 'dark' : 'light'; });

// The start

function drawTicks() {
  const places = run().faultEvents, most = Math.max(1, run().events - 1), shown = new Set(places.map((at) => Math.round((400 * (at - 1)) / most)));
  $('ticks').replaceChildren(...[...shown].map((at) => { const tick = el('i'); tick.style.left = `${at / 4}%`; return tick; }));
}

function drawKeys() {
  $('keys').replaceChildren(
    ...KEYS.map(([key, other, text]) => {
      const line = el('tr'), cell = el('td');
      cell.append(el('kbd', '', key));
      if (other) cell.append(' ', el('kbd', '', other));
      line.append(cell, el('td', '', text));
      return line;
    }),
  );
  $('help-text').textContent = `Made by ${contents.program}. All of the run is in this file: nothing is loaded from elsewhere, and nothing is sent. A link to an event is the address with #event=17 behind it. Values are as the debugger shows them.`;
}

function begin() {
  document.documentElement.dataset.theme = dark.matches ? 'dark' : 'light';
  if (typeof DecompressionStream !== 'function') {
    $('trouble').hidden = false;
    $('trouble').textContent = 'This browser cannot unpack the data of this page: it has no DecompressionStream. Chromium 97, Firefox 113, Safari 16.4 and later ones have it. The graph below is the whole run.';
    return;
  }
  const notes = [];
  if (contents.redacted) notes.push('Without the values of the data: stand-ins of their shape take their place; causes, names of executions and sentences that quote data are left out.');
  if (contents.leftOut) notes.push(`${counted(contents.leftOut, 'value')} left out: the page would have become too large.`);
  $('notes').textContent = notes.join(' ') || 'self-contained: nothing is loaded from elsewhere';
  drawDifferent();
  drawKeys();
  drawTicks();
  drawSwitch();
  const moves = { first: () => 1, back: () => here.at - 1, on: () => here.at + 1, last: () => run().events };
  for (const button of document.querySelectorAll('nav button')) button.onclick = () => show({ at: moves[button.dataset.do]() }, { moves: true });
  $('slider').oninput = () => show({ at: Number($('slider').value) }, { moves: true });
  $('theme').onclick = () => setTheme(theme() === 'dark' ? 'light' : 'dark');
  $('help-open').onclick = () => help(true);
  $('help-close').onclick = () => help(false);
  $('help').onclick = (event) => { if (event.target === $('help')) help(false); };
  $('query').oninput = () => { if (!$('query').value) search(''); };
  $('other-run').onclick = () => { switchRun(1 - here.run); openTab(here.tab); show({ at: here.at }, { moves: true }); };
  drawings.forEach((drawing) => drawing.states.forEach(([group, place]) => { group.onclick = (event) => { event.stopPropagation(); toState(place); }; }));
  addEventListener('hashchange', follow);
  openTab(contents.compare ? 'Comparison' : 'Events');
  const isLinked = location.hash.includes('event=');
  follow().then(() => (contents.compare && !isLinked ? toDifference(1) : undefined)).catch((error) => {
    $('trouble').hidden = false;
    $('trouble').textContent = `The data of this page cannot be read: ${error.message}`;
  });
}

// To the last visit to a state before here, or else to the first one.
async function toState(place) {
  let found = null;
  for (const one of visits()) {
    const visit = await visitOf(here.run, one);
    if (visit.state !== place || !visit.first) continue;
    if (found && visit.first > here.at) break;
    found = visit;
  }
  if (found) return show({ at: found.last }, { moves: true });
  return run().kin ? openTab('Started') : undefined; // perhaps one of these came there
}

begin();
