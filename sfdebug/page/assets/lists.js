// A list of which only the rows in sight are in the page, however many there are.

const ROW = 24, AROUND = 6;

class RowList {
  constructor(box) {
    this.box = box;
    this.space = el('div');
    this.count = 0;
    this.fill = () => {};
    this.kind = '';
    this.choose = () => {};
    this.asked = 0;
    box.append(this.space);
    box.addEventListener('scroll', () => this.later(), { passive: true });
    new ResizeObserver(() => this.later()).observe(box);
    box.addEventListener('click', (event) => {
      const chosen = event.target.closest('.row');
      if (chosen) this.choose(Number(chosen.dataset.at));
    });
  }

  // `fill` puts cells into the row at a place, from 0, or says that its data are still on their way (false).
  set(kind, count, fill, choose) {
    Object.assign(this, { kind, count, fill, choose });
    this.space.style.height = `${count * ROW}px`;
    this.box.setAttribute('aria-rowcount', count);
    this.draw();
  }

  later() {
    if (!this.asked) this.asked = requestAnimationFrame(() => { this.asked = 0; this.draw(); });
  }

  draw() {
    const first = Math.max(0, Math.floor(this.box.scrollTop / ROW) - AROUND);
    const last = Math.min(this.count, Math.ceil((this.box.scrollTop + this.box.clientHeight) / ROW) + AROUND);
    const rows = [];
    for (let at = first; at < last; at++) {
      const line = el('div', `row ${this.kind}`);
      line.dataset.at = at;
      line.style.top = `${at * ROW}px`;
      line.setAttribute('role', 'row');
      if (this.fill(line, at) === false) line.textContent = '…';
      rows.push(line);
    }
    this.space.replaceChildren(...rows);
  }

  see(at) {
    const top = at * ROW, room = this.box.clientHeight;
    if (top < this.box.scrollTop + ROW) this.box.scrollTop = Math.max(0, top - room / 3);
    else if (top > this.box.scrollTop + room - 2 * ROW) this.box.scrollTop = top - (2 * room) / 3;
    this.draw();
  }

  // A page of rows, for keys.
  get page() {
    return Math.max(1, Math.floor(this.box.clientHeight / ROW) - 1);
  }
}
