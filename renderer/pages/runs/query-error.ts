/** The sentence that says what is wrong with a query. */
import { t } from '@/composables/texts.ts'
import type { QueryError } from '@/query/query.ts'

export function queryErrorText({ problem }: QueryError): string {
  switch (problem.kind) {
    case 'expected':
      return t(`runs.queryError.expected.${problem.what}`)
    case 'quote':
    case 'bracket':
      return t(`runs.queryError.${problem.kind}`)
    case 'field':
      return problem.nearest === null
        ? t('runs.queryError.field', { name: problem.name })
        : t('runs.queryError.fieldNear', { name: problem.name, nearest: problem.nearest })
    default:
      return t(`runs.queryError.${problem.kind}`, { field: problem.field, text: problem.text })
  }
}
