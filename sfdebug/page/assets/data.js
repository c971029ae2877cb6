// What the page holds: a table of contents, and packed pieces that are unpacked when somebody looks at them.

const $ = (id) => document.getElementById(id);
const contents = JSON.parse($('contents').textContent);
const NOTHING = -1, LEFT_OUT = -2;
const EVENTS_IN_PIECE = 512, VISITS_IN_PIECE = 128, MOST_PIECES = 160;
const pieces = new Map();

const el = (tag, css, text) => {
  const made = document.createElement(tag);
  if (css) made.className = css;
  if (text !== undefined) made.textContent = text;
  return made;
};

async function unpacked(id) {
  const bytes = Uint8Array.from(atob($(id).textContent), (sign) => sign.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return JSON.parse(await new Response(stream).text());
}

// A piece that is there already, or undefined: then it is on its way, and `ready` is called when it has come.
function piece(id, ready) {
  const known = pieces.get(id);
  if (known && known.value !== undefined) {
    pieces.delete(id);
    pieces.set(id, known);
    return known.value;
  }
  if (ready) fetched(id).then(ready);
  return undefined;
}

function fetched(id) {
  let known = pieces.get(id);
  if (!known) {
    known = { value: undefined };
    known.promise = unpacked(id).then((value) => (known.value = value));
    pieces.set(id, known);
    while (pieces.size > MOST_PIECES) pieces.delete(pieces.keys().next().value);
  }
  return known.promise;
}

const eventPiece = (run, at) => `e${run}-${Math.floor((at - 1) / EVENTS_IN_PIECE)}`;

// The event at a place, from 1.
async function eventAt(run, at) {
  return row((await fetched(eventPiece(run, at))).rows[(at - 1) % EVENTS_IN_PIECE]);
}

function row(values) {
  const [id, type, time, state, visit, revealed, waiting, details, error, marks] = values;
  return { id, type, time, state, visit, revealed, waiting, details, error, marks };
}

const visitPlaces = contents.runs.map((run) => new Map(run.visits.map((number, at) => [number, at])));

async function visitOf(run, number) {
  const at = visitPlaces[run].get(number);
  return at === undefined ? null : (await fetched(`v${run}-${Math.floor(at / VISITS_IN_PIECE)}`))[at % VISITS_IN_PIECE];
}

function valuePiece(number) {
  const starts = contents.values;
  let low = 0, high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle] <= number) low = middle; else high = middle - 1;
  }
  return low;
}

// The JSON text of a value by its number.
async function valueText(number) {
  const at = valuePiece(number);
  return (await fetched(`x${at}`))[number - contents.values[at]];
}

// How every state stands at an event: its status and how often it was entered, by its place.
async function marksAt(run, at) {
  const found = new Map();
  const part = await fetched(eventPiece(run, at));
  for (const [place, status, visits] of part.before) found.set(place, [status, visits]);
  for (let i = 0; i <= (at - 1) % EVENTS_IN_PIECE; i++)
    for (const [place, status, visits] of part.rows[i][9]) found.set(place, [status, visits]);
  return found;
}

// The place of an event by its id; a recording can lack some.
async function placeOf(run, id) {
  const firsts = contents.runs[run].ids;
  let part = 0;
  while (part + 1 < firsts.length && firsts[part + 1] <= id) part++;
  if (!firsts.length) return 0;
  const rows = (await fetched(`e${run}-${part}`)).rows;
  const at = rows.findIndex((one) => one[0] >= id);
  return part * EVENTS_IN_PIECE + (at < 0 ? rows.length : at + 1);
}

// JSON read without losing a digit: numbers stay texts, and no key means anything.
function parsed(text) {
  let at = 0;
  const blank = /\s*/y, string = /"[^"\\]*(?:\\.[^"\\]*)*"/y, other = /[^\s,\]}]+/y;
  const take = (pattern) => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (!match) throw new Error('no JSON');
    at = pattern.lastIndex;
    return match[0];
  };
  const value = () => {
    take(blank);
    const sign = text[at];
    if (sign === '"') return { kind: 'str', text: JSON.parse(take(string)) };
    if (sign !== '{' && sign !== '[') {
      const word = take(other);
      return { kind: /^[-\d]/.test(word) ? 'num' : 'lit', text: word };
    }
    at++;
    const items = [];
    const isObject = sign === '{', end = isObject ? '}' : ']';
    take(blank);
    while (text[at] !== end) {
      let key = items.length;
      if (isObject) {
        take(blank);
        key = JSON.parse(take(string));
        take(blank);
        at++;
      }
      items.push([key, value()]);
      take(blank);
      if (text[at] === ',') { at++; take(blank); } else if (text[at] !== end) throw new Error('no JSON');
    }
    at++;
    return { kind: isObject ? 'obj' : 'arr', items };
  };
  return value();
}

const clipped = (text, most = 160) => (text.length > most ? `${text.slice(0, most)}…` : text);
const counted = (count, thing) => `${count.toLocaleString('en')} ${thing}${count === 1 ? '' : 's'}`;

// Lengths of time as the terminal writes them: `duration_text` and `elapsed_text` of sfdebug/times.py.
const two = (number) => String(number).padStart(2, '0');

function duration(ms) {
  if (ms < 1000) return `${ms} ms`;
  if (ms < 60000) return `${(ms / 1000).toFixed(1).replace(/\.0$/, '')} s`;
  const s = Math.floor(ms / 1000);
  if (s < 3600) return `${Math.floor(s / 60)} min ${two(s % 60)} s`;
  if (s < 86400) return `${Math.floor(s / 3600)} h ${two(Math.floor((s % 3600) / 60))} min`;
  return `${Math.floor(s / 86400)} d ${Math.floor((s % 86400) / 3600)} h`;
}

function elapsed(ms) {
  if (ms < 60000) return `+${(Math.max(0, ms) / 1000).toFixed(3).replace(/\.?0+$/, '')} s`;
  const s = Math.floor(ms / 1000), days = Math.floor(s / 86400), hours = Math.floor(s / 3600) % 24, minutes = Math.floor(s / 60) % 60;
  if (days > 99) return `+${days.toLocaleString('en')}d`;
  if (days) return `+${days}d ${two(hours)}:${two(minutes)}`;
  return hours ? `+${hours}:${two(minutes)}:${two(s % 60)}` : `+${minutes}:${two(s % 60)}`;
}
