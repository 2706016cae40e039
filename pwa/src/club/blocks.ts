/** The manifesto's few signs: blank lines between paragraphs, `## ` before a heading, `- ` before a list's line. */

export type Block =
  | { readonly kind: 'heading' | 'paragraph'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly string[] };

export function blocksOf(body: string): readonly Block[] {
  const blocks: Block[] = [];
  let open: string[] = [];
  let kind: 'paragraph' | 'list' = 'paragraph';

  function close(): void {
    if (open.length > 0) blocks.push(kind === 'list' ? { kind, items: open } : { kind, text: open.join('\n') });
    open = [];
  }

  for (const line of body.split(/\r?\n/).map((raw) => raw.trim())) {
    const isItem = /^- +\S/.test(line);
    if (line === '' || line.startsWith('## ') || isItem !== (kind === 'list')) close();
    kind = isItem ? 'list' : 'paragraph';
    if (line.startsWith('## ')) blocks.push({ kind: 'heading', text: line.slice(3).trim() });
    else if (line !== '') open.push(isItem ? line.slice(2).trim() : line);
  }
  close();
  return blocks;
}
