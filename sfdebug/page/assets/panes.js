// What stands in the panes: the graph, the stages of a visit, its data, what differs between two runs.

const SIGNS = { done: '✓', matched: '✓', 'not matched': '·', failed: '✗', waiting: '?', forced: '▸', injected: '✗' };
const CHANGE = { '+': ['c-add', '+'], '-': ['c-del', '−'], '~': ['c-mod', '~'] };
const VIEWS = ['Before', 'After', 'Difference', 'Expression', 'Variables', 'Event'];

// A run has the states of the one that it is drawn with.
const stateOf = (run, place) => contents.runs[contents.runs[run].drawing].states[place];
const css = (status) => `s-${status.split(' ').join('-')}`;

// The graph

const drawings = new Map([...new Set(contents.runs.map((run) => run.drawing))].map((number) => {
  const box = $(`drawing-${number}`);
  const states = [], edges = [];
  for (const group of box.querySelectorAll('g.state')) {
    const place = Number(group.dataset.id);
    if (group.dataset.id) states.push([group, place, [...group.children].find((one) => one.classList.contains('status'))]);
  }
  for (const path of box.querySelectorAll('[data-edges], [data-head-of]'))
    edges.push([path, (path.dataset.edges || path.dataset.headOf).split(' ').map(Number)]);
  return [number, { box, states, edges, whole: new Map(states.map(([group, , text]) => [group, text && text.textContent])) }];
}));
const drawingOf = (run) => drawings.get(contents.runs[run].drawing);
const takenIn = contents.runs.map((run) => new Map(run.taken));

async function drawGraph(run, at) {
  const marks = await marksAt(run, at), drawing = drawingOf(run), taken = takenIn[run];
  const isEnd = at === contents.runs[run].events && contents.runs[run].drawing === run;
  let here = null;
  for (const [group, place, text] of drawing.states) {
    const [status, visits] = marks.get(place) || ['unvisited', 0];
    const kept = group.classList.contains('chosen');
    group.setAttribute('class', `state ${status}${kept ? ' chosen' : ''}`);
    if (status === 'current') here = group;
    if (!text) continue;
    const sign = contents.signs[status][0];
    text.textContent = isEnd && status !== 'current' ? drawing.whole.get(group) : visits ? `${sign}${visits > 1 ? ` ×${visits}` : ''}` : sign;
  }
  for (const [path, numbers] of drawing.edges) {
    const isTaken = numbers.some((one) => taken.get(one) <= at);
    path.classList.toggle('taken', isTaken);
    path.classList.toggle('untaken', !isTaken);
  }
  document.body.classList.toggle('at-end', isEnd);
  return here;
}

// The graph is moved so that a state is in sight.
function reveal(group) {
  if (!group) return;
  const pane = $('graph'), box = group.getBoundingClientRect(), around = pane.getBoundingClientRect();
  if (box.left < around.left || box.right > around.right) pane.scrollLeft += box.left - around.left - (around.width - box.width) / 2;
  if (box.top < around.top || box.bottom > around.bottom) pane.scrollTop += box.top - around.top - (around.height - box.height) / 2;
}

// Stages

function stageRow(stage, revealed, isWaiting, isLast) {
  const line = el('li');
  line.setAttribute('role', 'option');
  const status = !revealed ? 'pending' : isWaiting && isLast ? 'waiting' : stage.status;
  line.append(el('span', css(status), SIGNS[status] || '·'), el('span', 'what', stage.label));
  if (status === 'pending') line.classList.add('pending');
  const told = status === 'pending' ? 'still to come' : status === 'waiting' ? 'it waits for its result' : stage.told[0] || stage.error || '';
  line.append(el('span', 'why', told));
  return line;
}

function drawStages(list, visit, revealed, isWaiting, chosen, choose) {
  list.replaceChildren();
  if (!visit) return;
  const shown = Math.max(0, Math.min(visit.stages.length, 400)), from = Math.max(0, Math.min(chosen - 200, visit.stages.length - shown));
  for (let at = from; at < from + shown; at++) {
    const line = stageRow(visit.stages[at], at < revealed, isWaiting, at === revealed - 1);
    line.dataset.at = at;
    line.setAttribute('aria-selected', at === chosen);
    if (at === chosen) line.classList.add('at');
    line.onclick = () => choose(at);
    list.append(line);
  }
  const at = list.querySelector('.at');
  if (!at) return; // the list alone is scrolled, not the page
  const box = at.getBoundingClientRect(), around = list.getBoundingClientRect();
  if (box.bottom > around.bottom) list.scrollTop += box.bottom - around.bottom;
  if (box.top < around.top) list.scrollTop += box.top - around.top;
}

// Data

async function valueLine(number) {
  if (number === NOTHING) return 'nothing';
  if (number === LEFT_OUT) return 'left out';
  return clipped(await valueText(number), 400);
}

async function drawChanges(box, stage) {
  if (!stage.changes.length) {
    const said = stage.error ? `It failed with ${stage.error}: it gave nothing that could differ.` : stage.before === NOTHING || stage.after === NOTHING || stage.before !== stage.after
      ? 'This stage gives a value of its own: it is not told as a change of what it was given.'
      : 'What the stage was given and what it gave are the same.';
    return box.append(el('p', 'none', said));
  }
  for (const [sign, pointer, before, after] of stage.changes) {
    const [kind, shown] = CHANGE[sign];
    const line = el('div', 'change');
    const text = sign === '~' ? `${await valueLine(before)} → ${await valueLine(after)}` : await valueLine(sign === '+' ? after : before);
    line.append(el('span', kind, shown), el('span', `key ${kind}`, pointer || '(everything)'), el('span', '', text));
    box.append(line);
  }
  if (stage.more_changes) box.append(el('p', 'none', `and ${counted(stage.more_changes, 'more difference')}`));
}

// `what`: the visit, its stage (or null), the event, the side; into a fresh element, so that what is late is dropped.
async function dataOf(view, what, query) {
  const box = el('div');
  const { visit, stage, event, waits, pending } = what;
  if (view === 'Event') await showValue(box, event.details, query, 'AWS writes nothing more about this event.');
  else if (pending) box.append(el('p', 'none', 'This stage is still to come at this event.'));
  else if (view === 'Variables') await showValue(box, visit ? visit.variables : NOTHING, query, 'The state sees no variables.');
  else if (!stage) await showValue(box, contents.runs[what.run][event.type === 'ExecutionStarted' ? 'input' : 'output'], query, event.type === 'ExecutionStarted' ? 'It was given nothing.' : `The execution gave nothing: it is ${contents.runs[what.run].status}.`);
  else if (view === 'Before') await showValue(box, stage.before, query, 'The stage is given nothing.');
  else if (view === 'After') {
    if (waits) box.append(el('p', 'none', 'Its result is not there yet.'));
    else {
      await showValue(box, stage.after, query, stage.error ? `It gave nothing: it failed with ${stage.error}.` : 'It gave nothing.');
      if (stage.recorded !== NOTHING) {
        box.append(el('p', 'none', 'What was recorded in its place:'));
        await showValue(box, stage.recorded, query, '');
      }
    }
  } else if (view === 'Difference') {
    if (waits) box.append(el('p', 'none', 'Its result is not there yet.'));
    else await drawChanges(box, stage);
  } else await showValue(box, stage.expression, query, 'Nothing is written: the default applies.');
  return box;
}

async function contrastsOf(pair) {
  const box = el('div');
  if (!pair.length) box.append(el('p', 'none', 'Nothing differs between these two in what was compared.'));
  for (const one of pair.slice(0, 300)) {
    const line = el('div', 'contrast');
    line.append(el('span', 'key', `${one.field}${one.pointer ? ` ${one.pointer}` : ''}`), el('span', 'c-del', await valueLine(one.left)), el('span', 'c-add', await valueLine(one.right)));
    box.append(line);
  }
  if (pair.length > 300) box.append(el('p', 'none', `and ${counted(pair.length - 300, 'more difference')}`));
  return box;
}

// Lists

const FAILED = /Failed$|TimedOut$|Aborted$/;

function eventRow(run, now, hits, redraw) {
  return (line, at) => {
    const part = piece(eventPiece(run, at + 1), redraw);
    if (!part) return false;
    const event = row(part.rows[at % EVENTS_IN_PIECE]);
    line.append(el('span', 'n', event.id), el('span', FAILED.test(event.type) ? 's-failed' : '', event.type), el('span', '', event.state), el('span', 's-failed', event.error), el('span', 'n', elapsed(event.time)));
    if (at + 1 === now()) line.classList.add('at');
    else if (at + 1 > now()) line.classList.add('later');
    if (hits().has(at + 1)) line.classList.add('hit');
    return true;
  };
}

function visitIn(run, number, redraw) {
  const at = visitPlaces[run].get(number);
  if (at === undefined) return null;
  const part = piece(`v${run}-${Math.floor(at / VISITS_IN_PIECE)}`, redraw);
  return part && part[at % VISITS_IN_PIECE];
}

const VISIT_SIGNS = { succeeded: ['s-done', '✓'], caught: ['s-caught', '!'], failed: ['s-failed', '✗'], aborted: ['s-aborted', '∘'], running: ['s-running', '?'] };

function visitRow(run, now, redraw) {
  return (line, at) => {
    const visit = visitIn(run, contents.runs[run].visits[at], redraw);
    if (!visit) return false;
    const [kind, sign] = VISIT_SIGNS[visit.status];
    const bar = el('span', 'bar'), span = el('i', kind), took = contents.runs[run].took || 1;
    span.style.left = `${Math.min(99.5, (100 * visit.begin) / took)}%`;
    span.style.width = `${(100 * (visit.end - visit.begin)) / took}%`;
    bar.append(span);
    const tries = visit.attempts > 1 ? `, ${visit.attempts} attempts` : '';
    line.append(el('span', kind, sign), el('span', '', stateOf(run, visit.state)[0] + tries), el('span', 'faint', visit.branch), el('span', 'n', duration(visit.end - visit.begin)), bar);
    if (visit.number === now()) line.classList.add('at');
    return true;
  };
}

function faultRow(run, now, redraw) {
  return (line, at) => {
    const part = piece(`f${run}`, redraw);
    if (!part) return false;
    const [event, , state, error, , became] = part[at];
    line.append(el('span', 'n', event), el('span', '', state), el('span', 's-failed', error || 'an error without a name'), el('span', 'faint', became));
    if (event === now()) line.classList.add('at');
    return true;
  };
}

// What a run started: a child execution, or another one.
function kinRow(run, redraw) {
  return (line, at) => {
    const part = piece(`k${run}`, redraw);
    if (!part) return false;
    const [place, , state, name, , status, error, took, input, why] = part[at];
    const values = input >= 0 && piece(`x${valuePiece(input)}`, redraw);
    const given = values ? clipped(values[input - contents.values[valuePiece(input)]], 120) : '';
    const [kind, sign] = KIN_SIGNS[status] || ['s-aborted', '·'];
    line.append(el('span', kind, sign), el('span', '', name), el('span', 'faint', state), el('span', error ? 's-failed' : kind, error || status || 'not known'), el('span', 'n', took < 0 ? '' : duration(took)), el('span', 'faint', place < 0 ? why : given));
    line.title = [name, state, status, error, why].filter(Boolean).join(', ');
    if (place < 0) line.classList.add('plain');
    return true;
  };
}

const KIN_SIGNS = { SUCCEEDED: ['s-done', '✓'], FAILED: ['s-failed', '✗'], TIMED_OUT: ['s-failed', '✗'], ABORTED: ['s-aborted', '∘'], RUNNING: ['s-running', '?'] };

function pairRow(now, redraw) {
  return (line, at) => {
    const part = piece('c', redraw);
    if (!part) return false;
    const pair = part[at];
    const name = (run, number) => {
      if (!number) return '';
      const visit = visitIn(run, number, redraw);
      return visit ? stateOf(run, visit.state)[0] : '…';
    };
    const fields = [...new Set(pair.contrasts.map((one) => one.field))];
    line.append(el('span', fields.length ? 's-caught' : 's-done', fields.length ? '≠' : '='), el('span', '', name(0, pair.left)), el('span', '', name(1, pair.right)), el('span', 'faint', fields.join(', ')));
    if (!fields.length) line.classList.add('plain');
    if (at === now()) line.classList.add('at');
    return true;
  };
}
