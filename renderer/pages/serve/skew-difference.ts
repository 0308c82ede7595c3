/** What a column of requests differs by, in words and two numbers. */
import type { SkewRow } from '@contract/verbs/skew.ts'
import { dateTime, number, percent } from '@/composables/format.ts'
import { t } from '@/composables/texts.ts'

interface Difference {
  readonly what: string
  readonly before: string
  readonly now: string
}

const DAY = 86_400
const share = (value: number): string => percent(value, 1)
/** four digits tell a factor, and a median */
const amount = (value: number): string => number(value, 4)

export function difference({ skew, unknown, missing, median, isTime, size }: SkewRow): Difference {
  const pair = (what: string, of: SkewRow['median'], text: (value: number) => string): Difference => ({
    what,
    before: of === null ? '' : text(of.before),
    now: of === null ? '' : text(of.now),
  })
  const at = (value: number): string => (isTime ? dateTime(new Date(1000 * value).toISOString()) : amount(value))
  switch (skew) {
    case 'none':
      return pair(t('serve.skew.kind.none'), null, amount)
    case 'unknown':
    case 'stale':
      return pair(t(`serve.skew.kind.${skew}`), unknown, share)
    case 'missing':
      return pair(t('serve.skew.kind.missing'), missing, share)
    case 'scaled':
      return pair(t('serve.skew.kind.scaled', { by: amount(size!) }), median, amount)
    case 'shifted':
      return pair(
        t('serve.skew.kind.shifted', { by: isTime ? t('serve.skew.days', { n: amount(size! / DAY) }) : amount(size!) }),
        median,
        at,
      )
    case 'distribution':
      return pair(t('serve.skew.kind.distribution'), median, at)
  }
}
