// Reads a JSON array of Mermaid sources from stdin, and prints what Mermaid's own parser makes of each, or its error.
import { readFileSync } from 'node:fs';
import purify from 'dompurify';
import mermaid from 'mermaid';

// Without a browser's window there is nothing to make labels safe for: they pass as they are.
purify.addHook ??= () => {};
purify.sanitize ??= (text) => text;

// Mermaid writes entity codes in its own way between reading and drawing.
const entities = { quot: '"', amp: '&', lt: '<', gt: '>' };
const decoded = (text) =>
  (text ?? '')
    .replace(/ﬂ°°(\d+)¶ß/g, (_, code) => String.fromCodePoint(Number(code)))
    .replace(/ﬂ°(\w+)¶ß/g, (_, name) => entities[name]);

const results = [];
for (const source of JSON.parse(readFileSync(0, 'utf8'))) {
  try {
    await mermaid.parse(source);
    // Reading for drawing begins where reading for checking has ended: after the front matter, with codes replaced.
    const body = source
      .replace(/^---\n[^]*?\n---\n/, '')
      .replace(/#(\w+);/g, (_, name) => (/^\d+$/.test(name) ? `ﬂ°°${name}¶ß` : `ﬂ°${name}¶ß`));
    const { db } = await mermaid.mermaidAPI.getDiagramFromText(body);
    results.push({
      nodes: [...db.getVertices().values()].map(({ id, text, type, classes }) => ({ id, text: decoded(text), type: type ?? '', classes })),
      edges: db.getEdges().map(({ start, end, text, stroke, style }) => ({ source: start, target: end, text: decoded(text), stroke, style: style ?? [] })),
      groups: db.getSubGraphs().map(({ id, title, nodes, classes }) => ({ id, title: decoded(title), nodes, classes })),
    });
  } catch (error) {
    results.push({ error: String(error) });
  }
}
console.log(JSON.stringify(results));
