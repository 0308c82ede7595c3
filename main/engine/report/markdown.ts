/**
 * A safe subset of Markdown: headings, paragraphs, lists, quotations, code, rules, **bold**, *italic*, `code` and links to http, https and
 * mailto. HTML is text like any other, and pictures are links, as nothing in a report is fetched. A line `{{name}}` alone is a place for
 * something else.
 */
import { Markup, markup } from './markup.ts'

/** A stretch of text, or the name of what stands in its place. */
export type Block = { readonly kind: 'text'; readonly content: Markup } | { readonly kind: 'place'; readonly name: string }

export function blocksOf(text: string): Block[] {
  const lines = text.replaceAll('\r\n', '\n').split('\n')
  const blocks: Block[] = []
  const add = (content: Markup): void => void blocks.push({ kind: 'text', content })
  /** lines from `at` on that are of one kind, without what marks them */
  const taken = (at: number, mark: RegExp): string[] => {
    const end = lines.findIndex((line, i) => i >= at && !mark.test(line))
    return lines.slice(at, end < 0 ? lines.length : end).map((line) => line.replace(mark, ''))
  }
  for (let i = 0; i < lines.length;) {
    const line = lines[i]!
    const heading = /^(#{1,4})\s+(.*?)\s*#*$/.exec(line)
    const place = /^\{\{\s*([\w-]+)\s*\}\}\s*$/.exec(line)
    const mark = [QUOTE, BULLET, NUMBER].find((each) => each.test(line))
    if (line.trim() === '') i++
    else if (place !== null) {
      blocks.push({ kind: 'place', name: place[1]! })
      i++
    } else if (heading !== null) {
      add(headed(heading[1]!.length, inline(heading[2]!)))
      i++
    } else if (line.startsWith('```')) {
      const end = lines.findIndex((each, at) => at > i && each.startsWith('```'))
      const stop = end < 0 ? lines.length : end
      add(markup`<pre tabindex="0"><code>${lines.slice(i + 1, stop).join('\n')}</code></pre>`)
      i = stop + 1
    } else if (/^(?:-{3,}|\*{3,})\s*$/.test(line)) {
      add(markup`<hr />`)
      i++
    } else if (mark !== undefined) {
      const rows = taken(i, mark)
      const items = rows.map((row) => markup`<li>${inline(row)}</li>`)
      add(
        mark === QUOTE
          ? markup`<blockquote><p>${inline(rows.join('\n'))}</p></blockquote>`
          : mark === BULLET
            ? markup`<ul>${items}</ul>`
            : markup`<ol>${items}</ol>`,
      )
      i += rows.length
    } else {
      const end = lines.findIndex((each, at) => at > i && (each.trim() === '' || STARTS.test(each)))
      const stop = end < 0 ? lines.length : end
      add(markup`<p>${inline(lines.slice(i, stop).join('\n'))}</p>`)
      i = stop
    }
  }
  return blocks
}

const QUOTE = /^>\s?/
const BULLET = /^\s*[-*+]\s+/
const NUMBER = /^\s*\d{1,4}[.)]\s+/
/** of a line that ends the paragraph before it */
const STARTS = /^(?:#{1,4}\s|```|>|\s*[-*+]\s|\s*\d{1,4}[.)]\s|\{\{\s*[\w-]+\s*\}\}\s*$)/

/** The report's title is its only heading of the first order. */
function headed(order: number, text: Markup): Markup {
  if (order <= 2) return markup`<h2>${text}</h2>`
  return order === 3 ? markup`<h3>${text}</h3>` : markup`<h4>${text}</h4>`
}

/** code; a link or picture; bold; italic */
const INLINE = /`([^`]+)`|!?\[([^\]\n]{0,500})\]\(\s*([^()\s]{1,2000})\s*\)|\*\*([^*\n]+)\*\*|\*([^*\n]+)\*/g

function inline(text: string): Markup {
  const parts: (Markup | string)[] = []
  let from = 0
  for (const match of text.matchAll(INLINE)) {
    parts.push(text.slice(from, match.index))
    from = match.index + match[0].length
    const [whole, code, label, target, bold, italic] = match
    if (code !== undefined) parts.push(markup`<code>${code}</code>`)
    else if (target !== undefined) parts.push(linked(whole, label ?? '', target))
    else if (bold !== undefined) parts.push(markup`<strong>${bold}</strong>`)
    else parts.push(markup`<em>${italic!}</em>`)
  }
  return markup`${[...parts, text.slice(from)]}`
}

/** An address that a browser opens as a page; any other stays the text it was. */
function linked(whole: string, label: string, target: string): Markup | string {
  const address = URL.parse(target)
  if (address === null || !['http:', 'https:', 'mailto:'].includes(address.protocol)) return whole
  return markup`<a href="${address.href}" rel="noopener noreferrer">${label === '' ? address.href : label}</a>`
}
