// What is printed: the run as a document of its own, whatever is looked at on the screen. Its facts lie in the page
// unpacked, since nothing is waited for once somebody prints, and are elements only meanwhile.

const printed = JSON.parse($('printed').textContent);
const MOST_SHEETS = 12;
const PAPER = [690, 820]; // about what of a sheet of A4 a drawing has, in pixels

// The drawings as they were made: with the whole run on them.
const wholeDrawings = new Map([...document.querySelectorAll('.drawing')].map((one) => [Number(one.id.split('-')[1]), one.cloneNode(true)]));

function table(css, heads, lines) {
  const found = el('table', css), head = el('thead'), body = el('tbody'), top = el('tr');
  heads.forEach((text) => top.append(el('th', '', text)));
  head.append(top);
  body.append(...lines.map((cells) => { const line = el('tr'); cells.forEach((cell) => line.append(el('td', '', cell))); return line; }));
  found.append(head, body);
  return found;
}

function facts(rows) {
  const found = el('dl');
  rows.filter(([, text]) => text !== '').forEach(([heading, text]) => found.append(el('dt', '', heading), el('dd', '', text)));
  return found;
}

// Where a drawing is cut that is too tall for a sheet: between states, as far down as fits.
function cuts(svg, height) {
  const boxes = [...svg.querySelectorAll('.state > .box')].map((box) => [Number(box.getAttribute('y')), Number(box.getAttribute('height'))]);
  const isFree = (y) => boxes.every(([top, size]) => y < top - 4 || y > top + size + 4);
  const whole = Number(svg.getAttribute('height')), found = [0];
  while (whole - found.at(-1) > height) {
    const start = found.at(-1);
    let y = Math.floor(start + height);
    while (y > start + height / 2 && !isFree(y)) y--;
    found.push(y > start + height / 2 ? y : Math.floor(start + height));
  }
  return [...found, whole];
}

function figure(number, top, bottom, text) {
  const drawing = wholeDrawings.get(contents.runs[number].drawing).cloneNode(true), svg = drawing.querySelector('svg');
  const width = svg.getAttribute('width');
  drawing.removeAttribute('id');
  drawing.hidden = false;
  svg.setAttribute('height', bottom - top);
  svg.setAttribute('viewBox', `0 ${top} ${width} ${bottom - top}`);
  const box = el('figure');
  box.append(drawing);
  if (text) box.append(el('figcaption', '', text));
  return box;
}

// A drawing on one sheet; on several where it would be too small to be read.
function printedDrawing(number) {
  const svg = wholeDrawings.get(contents.runs[number].drawing).querySelector('svg');
  const [width, height] = ['width', 'height'].map((name) => Number(svg.getAttribute(name)));
  const across = Math.min(1, PAPER[0] / width), scale = Math.min(across, PAPER[1] / height);
  if (scale >= Math.min(0.5, across)) return [figure(number, 0, height, scale < 0.7 ? `The graph is drawn at about ${Math.round(100 * scale)} % of its size, to fit a sheet.` : '')];
  const places = cuts(svg, PAPER[1] / across), count = places.length - 1;
  const sheets = places.slice(1, MOST_SHEETS + 1).map((bottom, at) => figure(number, places[at], bottom, `The graph, sheet ${at + 1} of ${count}.`));
  if (count > MOST_SHEETS) sheets.push(el('p', 'left-out', `${counted(count - MOST_SHEETS, 'more sheet')} of the graph are not printed.`));
  return sheets;
}

function printedStep(step) {
  const box = el('section', 'step'), head = el('h4');
  head.append(`${step.at.toLocaleString('en')}. ${step.state} `, el('span', `how s-${step.status}`, step.status));
  const about = [
    step.type, step.branch, step.event ? `from event ${step.event}` : 'without events of its own', elapsed(step.begin),
    `it took ${duration(step.took)}`, step.attempts > 1 ? `${step.attempts} attempts` : '', step.next ? `then ${step.next}` : '',
  ];
  const changes = [...step.changes, ...(step.more ? [`and ${counted(step.more, 'more change')}`] : [])].join('\n');
  box.append(head, el('p', 'faint', about.filter(Boolean).join(' · ')), facts([['In', step.input], ['Out', step.output], ['Changed', changes], ['Error', step.error]]));
  return box;
}

function printedSteps(print) {
  const parts = [el('h3', '', 'Steps')];
  const count = print.steps.length;
  if (count < print.visits) parts.push(el('p', 'left-out', `${counted(count, 'step')} of ${print.visits.toLocaleString('en')} are printed: the first, the last, and between them some that failed. All are in the page itself.`));
  let before = 0;
  for (const step of print.steps) {
    if (step.at > before + 1) parts.push(el('p', 'left-out', `… ${counted(step.at - before - 1, 'step')} not printed …`));
    parts.push(printedStep(step));
    before = step.at;
  }
  return parts;
}

function printedRun(number) {
  const one = contents.runs[number], print = printed.runs[number], parts = [];
  if (printed.compare) parts.push(el('h2', 'side-of', `${'AB'[number]}: ${one.title}`));
  parts.push(facts(factsOf(number)));
  if (print.faults.length) {
    parts.push(el('h3', '', 'Faults'), table('faults', ['Event', 'State', 'Error', 'Cause', 'What became of it'], print.faults));
    if (print.allFaults > print.faults.length) parts.push(el('p', 'left-out', `These are the first ${print.faults.length} of ${print.allFaults.toLocaleString('en')}.`));
  }
  parts.push(facts([['Input', print.input], ['Output', print.output]]), ...printedDrawing(number));
  if (print.kin.length) {
    const rows = print.kin.map(([name, state, status, error, took]) => [name, state, status, error, took < 0 ? '' : duration(took)]);
    parts.push(el('h3', '', 'What it started'), table('kin', ['Execution', 'State', 'Status', 'Error', 'Took'], rows));
    if (print.allKin > rows.length) parts.push(el('p', 'left-out', `These are ${rows.length} of ${print.allKin.toLocaleString('en')}, those that failed first.`));
  }
  if (one.unshown) parts.push(el('p', 'left-out', one.unshown));
  return [...parts, ...printedSteps(print)];
}

function printedContrasts([lines, more]) {
  const found = table('contrasts', ['What differs', 'A', 'B'], lines);
  if (more) found.tBodies[0].append(el('tr')), found.tBodies[0].lastChild.append(el('td', 'left-out', `and ${counted(more, 'more difference')}`));
  return found;
}

function printedComparison(print) {
  const parts = [el('h2', '', 'What is different'), ...contents.compare.told.map(({ text }) => el('p', 'told', text))];
  if (print.end[0].length) parts.push(el('h4', '', 'At the end'), printedContrasts(print.end));
  print.only.forEach(([names, count], side) => {
    if (count) parts.push(el('p', 'told', `Only ${'AB'[side]} has ${counted(count, 'step')}: ${names.join(', ')}${count > names.length ? ', …' : ''}`));
  });
  for (const [state, ...contrasts] of print.pairs) {
    const box = el('section', 'step');
    box.append(el('h4', '', state), printedContrasts(contrasts));
    parts.push(box);
  }
  if (print.differing > print.pairs.length) parts.push(el('p', 'left-out', `These are the first ${print.pairs.length} of ${print.differing.toLocaleString('en')} steps of both that differ.`));
  return parts;
}

addEventListener('beforeprint', () => {
  const parts = [el('h1', '', document.title), el('p', 'faint', $('lead').textContent)];
  if (contents.redacted || contents.leftOut) parts.push(el('p', 'left-out', $('notes').textContent));
  if (printed.compare) parts.push(...printedComparison(printed.compare));
  for (let number = 0; number < printed.runs.length; number++) parts.push(...printedRun(number));
  parts.push(el('p', 'faint', `Made by ${contents.program}.`));
  $('print').replaceChildren(...parts);
});
addEventListener('afterprint', () => $('print').replaceChildren());
