/** A look at files as text: what each is, its columns, and what is wrong. */
import type { FileInspection } from '../../contract/shapes/inspection.ts'
import { describeFinding, findingLevel, type Finding } from '../../contract/shapes/finding.ts'
import { describeApart, describeStep } from '../../contract/shapes/preparation.ts'
import { bytes, count, counted, formatTime, pairs, right, shorten, style, table } from '../table.ts'

/** Behind a role, how sure it is. */
const DOUBT = { said: '', high: '', medium: ' (likely)', low: ' ?' } as const

/** Findings below an answer, a line each; nothing where there are none. */
export const showFindings = (findings: readonly Finding[]): string =>
  findings.length === 0 ? '' : `\n\n${findings.map((finding) => line(findingLevel(finding), describeFinding(finding))).join('\n')}`

const COLOUR = { error: 'red', warning: 'yellow', info: 'dim' } as const
const line = (level: keyof typeof COLOUR, message: string): string => `${style(COLOUR[level], `${level}:`)} ${message}`

export function showInspection({ format, files, problems, findings, counts, activity, preparation, apart }: FileInspection): string {
  const parts = [
    pairs([
      ['format', format],
      ...(counts === null
        ? []
        : [
            [
              'interactions',
              `${count(counts.interactions)} of ${counted(counts.users, 'users')} and ${counted(counts.items, 'items')}`,
            ] as const,
          ]),
      ...(activity === null ? [] : [['time', `${formatTime(activity.from)} to ${formatTime(activity.to)}`] as const]),
    ]),
  ]
  for (const file of files) {
    const rows = `${file.rowsExact ? '' : 'about '}${counted(file.rows, 'rows')}, ${bytes(file.bytes)}`
    parts.push(
      `${style('bold', file.shown)} ${file.also ? 'further interactions' : (file.role ?? 'not used')} (${rows})\n${table(
        ['column', 'role', 'kind', right('missing'), 'such as'],
        file.columns.map((c) => [
          c.name,
          `${c.describes === undefined || c.role === 'title' ? (c.role ?? '') : `of the ${c.describes}`}${DOUBT[c.confidence ?? 'said']}`,
          [c.kind, c.how].filter((part) => part !== null && part !== '').join(', '),
          `${(c.missing * 100).toFixed(0)} %`,
          shorten(c.samples.join(' · '), 60),
        ]),
      )}`,
    )
  }
  const left = files.flatMap(({ columns }) => columns.flatMap(({ name, left: why }) => (why === undefined ? [] : [`${name}: ${why}`])))
  if (left.length > 0) parts.push(`not used, unless --item-columns or --user-columns names it:\n  ${left.join('\n  ')}`)
  const steps = [...preparation.map(describeStep), ...(apart === null ? [] : [describeApart(apart)])]
  if (steps.length > 0) parts.push(steps.join('\n'))
  if (problems.length > 0) parts.push(problems.map(({ level, message }) => line(level, message)).join('\n'))
  return parts.join('\n\n') + showFindings(findings)
}
