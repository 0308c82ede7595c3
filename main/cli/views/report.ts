/** A report as the command line tells of it: where it is, or the file itself. */
import type { ReportResult } from '../../contract/verbs/report.ts'
import { bytes, pairs, style } from '../table.ts'

export function showReport({ out, html, bytes: size, parts, empty }: ReportResult): string {
  if (html !== null) return html.trimEnd()
  return pairs([
    ['report', `${style('bold', out ?? '')}, ${bytes(size)}`],
    ['shows', parts.join(', ')],
    ...(empty.length === 0 ? [] : [['nothing of', empty.join(', ')] as const]),
  ])
}
