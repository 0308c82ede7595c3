/** The safe subset of Markdown: what it makes of text, and what it makes of none: tags, scripts, addresses that are no pages. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { blocksOf } from '../../../main/engine/report/markdown.ts'

const shown = (text: string): string =>
  blocksOf(text)
    .map((block) => (block.kind === 'text' ? block.content.text : `[${block.name}]`))
    .join('')

test('headings, lists, quotations, code, rules and places', () => {
  expect(shown('# One\ntext\nmore\n\n### Three')).toBe('<h2>One</h2><p>text\nmore</p><h3>Three</h3>')
  expect(shown('- a\n- **b**\n1. c\n2) d')).toBe('<ul><li>a</li><li><strong>b</strong></li></ul><ol><li>c</li><li>d</li></ol>')
  expect(shown('> said\n> twice\n\n---\n```\n<b> *x*\n```')).toBe(
    '<blockquote><p>said\ntwice</p></blockquote><hr /><pre tabindex="0"><code>&lt;b&gt; *x*</code></pre>',
  )
  expect(shown('before\n{{curves}}\nafter `a*b*` *c*')).toBe('<p>before</p>[curves]<p>after <code>a*b*</code> <em>c</em></p>')
})

test('links lead to pages alone, and pictures are links', () => {
  expect(shown('[a](https://b.c/?d=1&e=2)')).toBe('<p><a href="https://b.c/?d=1&amp;e=2" rel="noopener noreferrer">a</a></p>')
  expect(shown('![a](http://b.c/d.png)')).toContain('<a href="http://b.c/d.png"')
  for (const address of ['javascript:alert(1)', 'data:text/html,x', '//b.c', 'file:///etc/passwd', ' JaVaScRiPt:alert(1)'])
    expect(shown(`[a](${address})`)).not.toContain('<a')
})

test('no text makes a tag or an attribute of its own', () => {
  const allowed =
    /<\/?(?:h[234]|p|ul|ol|li|blockquote|pre|code|strong|em|hr|a)(?: (?:tabindex="0"|href="[^"<>]*" rel="noopener noreferrer"))?(?: \/)?>/g
  const piece = fc.constantFrom(
    '<',
    '>',
    '"',
    "'",
    '&',
    '*',
    '**',
    '`',
    '```\n',
    '[',
    '](',
    ')',
    '!',
    '#',
    '\n',
    '- ',
    '> ',
    '{{',
    '}}',
    'http://x.y/',
    'javascript:',
    'a',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      const rest = shown(pieces.join('')).replace(allowed, '')
      expect(rest.replace(/&(?:lt|gt|amp|quot|#39);/g, '')).not.toMatch(/[<>]/)
    }),
    { numRuns: 2000 },
  )
})
