/** What a run of vitest came to: how many passed, failed and were skipped, and why the skipped ones did not run. */
import type { TestCase, TestModule, TestSuite } from 'vitest/node'
import { NEEDS, NOT_HERE } from '../helpers/reasons.ts'

export interface Tally {
  readonly passed: number
  /** tests, and files and groups that did not come to their tests */
  readonly failed: number
  readonly skipped: number
  /** how many tests were skipped for each reason, most first */
  readonly reasons: readonly (readonly [reason: string, tests: number])[]
}

export const NO_REASON = 'no reason is given: see test/helpers/needs.ts'
const NOT_ASKED_FOR = 'not asked for (-t)'
const AFTER_FAILURE = 'what comes before them failed'
const REASON = new RegExp(`\\[((?:${[NEEDS, NOT_HERE].join('|')}) [^\\]]+)\\]`)

/** @param asked the pattern of names that were asked for, where not all were */
export function tally(modules: readonly TestModule[], asked?: RegExp): Tally {
  const tests = modules.flatMap((module) => [...module.children.allTests()])
  const counted = (state: string): TestCase[] => tests.filter((test) => test.result().state === state)
  const broken = modules.flatMap((module) => [module, ...module.children.allSuites()]).filter((each) => each.errors().length > 0)
  // one that neither passed nor failed was never come to
  const skipped = tests.filter((test) => !['passed', 'failed'].includes(test.result().state))
  const reasons = Map.groupBy(skipped, (test) => reasonOf(test, asked))
  return {
    passed: counted('passed').length,
    failed: counted('failed').length + broken.length,
    skipped: skipped.length,
    reasons: [...reasons].map(([reason, { length }]) => [reason, length] as const).sort(([, a], [, b]) => b - a),
  }
}

function reasonOf(test: TestCase, asked?: RegExp): string {
  // vitest matches the names as they stand one after the other
  if (asked?.test(test.fullName.replaceAll(' > ', ' ')) === false) return NOT_ASKED_FOR
  const result = test.result()
  const given = (result.state === 'skipped' ? result.note : undefined) ?? REASON.exec(test.fullName)?.[1]
  if (given !== undefined) return given
  let above: TestSuite | TestModule = test.parent
  for (;;) {
    if (above.errors().length > 0) return AFTER_FAILURE
    if (above.type === 'module') break
    above = above.parent
  }
  return NO_REASON
}

/** Reasons that a whole set-up would have removed, or that nobody gave: where CI is set they fail the run. */
export function isFault(reason: string): boolean {
  return reason === NO_REASON || reason.startsWith(`${NEEDS} `)
}
