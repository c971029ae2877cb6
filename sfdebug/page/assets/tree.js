// Data as a tree: what is folded is not in the page, and long lists come a hundred at a time.

const MOST_ROWS = 120, MOST_ITEMS = 100, MOST_TEXT = 3000;

// A text with what was searched for marked in it.
function marked(parent, text, query) {
  const low = query && (query === query.toLowerCase() ? text.toLowerCase() : text);
  let from = 0;
  for (let at = query ? low.indexOf(query) : -1; at >= 0; at = low.indexOf(query, from)) {
    parent.append(text.slice(from, at), el('mark', '', text.slice(at, at + query.length)));
    from = at + query.length;
  }
  parent.append(text.slice(from));
}

function size(node) {
  const count = node.items.length;
  return node.kind === 'obj' ? `{${counted(count, 'key')}}` : `[${counted(count, 'item')}]`;
}

const isHit = (text, query) => (query === query.toLowerCase() ? text.toLowerCase() : text).includes(query);

// Whether something below a node is searched for.
function holds(node, query) {
  if (!query) return false;
  const stack = [node];
  while (stack.length) {
    const one = stack.pop();
    if (!one.items) {
      if (isHit(one.text, query)) return true;
    } else {
      for (const [key, child] of one.items) {
        if (typeof key === 'string' && isHit(key, query)) return true;
        stack.push(child);
      }
    }
  }
  return false;
}

class Tree {
  constructor(parent, query) {
    this.parent = parent;
    this.query = query;
    this.left = MOST_ROWS;
  }

  show(node) {
    this.parent.append(this.line(null, node, 0));
  }

  line(key, node, depth) {
    const line = el('div', 'leaf');
    const kids = el('div', 'kids');
    const whole = el('div');
    if (node.kind === 'str' && /^\s*[[{]/.test(node.text) && node.text.length < 2e6) {
      try { node = { ...parsed(node.text), wasText: true }; } catch { /* a text like others */ }
    }
    const fold = el('button', 'fold', node.items && node.items.length ? '▸' : '');
    if (node.items && node.items.length) line.append(fold);
    if (key !== null) {
      const name = el('span', 'key');
      marked(name, String(key), this.query);
      line.append(name, el('span', 'dim', ': '));
    }
    if (!node.items) {
      this.leaf(line, node);
      whole.append(line);
      return whole;
    }
    line.append(el('span', 'dim', node.items.length ? size(node) + (node.wasText ? ' in a text' : '') : node.kind === 'obj' ? '{}' : '[]'));
    whole.append(line, kids);
    kids.hidden = true;
    const open = (isOpen) => {
      kids.hidden = !isOpen;
      fold.textContent = isOpen ? '▾' : '▸';
      fold.setAttribute('aria-expanded', isOpen);
      if (isOpen && !kids.childNodes.length) this.fill(kids, node, 0, depth + 1);
    };
    if (node.items.length) {
      fold.setAttribute('aria-label', 'Fold or unfold');
      fold.onclick = () => { this.left = MOST_ROWS; open(kids.hidden); };
      if ((this.left > node.items.length && depth < 40) || depth === 0 || (depth < 40 && holds(node, this.query))) open(true);
    }
    return whole;
  }

  leaf(line, node) {
    const value = el('span', node.kind);
    const text = node.kind === 'str' ? JSON.stringify(node.text) : node.text;
    marked(value, text.length > MOST_TEXT ? text.slice(0, MOST_TEXT) : text, this.query);
    line.append(value);
    if (text.length > MOST_TEXT) {
      const more = el('button', 'more', `all ${counted(text.length, 'character')}`);
      more.onclick = () => { value.textContent = text; more.remove(); };
      line.append(' ', more);
    }
  }

  fill(kids, node, from, depth) {
    const to = Math.min(from + MOST_ITEMS, node.items.length);
    this.left -= to - from;
    for (let i = from; i < to; i++) kids.append(this.line(node.items[i][0], node.items[i][1], depth));
    if (to < node.items.length) {
      const more = el('button', 'more', `${(node.items.length - to).toLocaleString('en')} more`);
      more.onclick = () => { more.remove(); this.left = MOST_ROWS; this.fill(kids, node, to, depth); };
      kids.append(more);
    }
  }
}

// A value by its number, as a tree in an element; `nothing` is said where there is none.
async function showValue(parent, number, query, nothing) {
  if (number === NOTHING) return parent.append(el('p', 'none', nothing));
  if (number === LEFT_OUT) return parent.append(el('p', 'none', 'This value was left out: the page would have become too large.'));
  const text = await valueText(number);
  let node;
  try { node = parsed(text); } catch { node = { kind: 'lit', text }; }
  new Tree(parent, query).show(node);
}
