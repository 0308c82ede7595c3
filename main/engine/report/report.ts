/** The parts of a report put into its text: each where the text has its place, and the others after it. */
import { REPORT_PARTS, type ReportPart } from '../../contract/verbs/report.ts'
import { blocksOf } from './markdown.ts'
import { type Markup, markup } from './markup.ts'
import type { Speech } from './words.ts'

/** @param parts those there is something for */
export function composed(text: string, parts: ReadonlyMap<ReportPart, Markup>, { words }: Speech): Markup[] {
  const placed = new Set<ReportPart>()
  const sectionOf = (part: ReportPart): Markup | null => {
    const content = parts.get(part)
    placed.add(part)
    return content === undefined ? null : markup`<section><h2>${words.part[part]}</h2>${content}</section>`
  }
  const isPart = (name: string): name is ReportPart => REPORT_PARTS.some((part) => part === name)
  const blocks = blocksOf(text).map((block) => {
    if (block.kind === 'text') return block.content
    return isPart(block.name) ? sectionOf(block.name) : markup`<p>{{${block.name}}}</p>`
  })
  const rest = REPORT_PARTS.filter((part) => !placed.has(part)).map(sectionOf)
  return [...blocks, ...rest].filter((each) => each !== null)
}
