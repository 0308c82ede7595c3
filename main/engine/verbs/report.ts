/** Verb handler of reports: what the store knows of the runs and searches is looked up here, ranks and tests are the job's. */
import { readFile } from 'node:fs/promises'
import { badInput, conflict } from '../../contract/errors.ts'
import { isSeeded } from '../../contract/shapes/spec.ts'
import type { EngineContext, Handlers } from '../engine-context.ts'
import { metricAt } from '../evaluation/ranks.ts'
import { readJsonFile } from '../files/json-file.ts'
import { pylonVersion } from '../files/version.ts'
import { type LedgerResult, ledgerResult } from '../../contract/verbs/ledger.ts'
import { optionalRunFile, RUN_FILES } from '../model/run-files.ts'
import type { ReportJob } from '../queue/job-types.ts'
import { runLocation } from '../run-location.ts'
import { curveVerbs } from './curves.ts'
import { keepRanked, runToRank } from './ranked-runs.ts'
import { runVerbs } from './runs.ts'
import { searchDetail } from './search-detail.ts'

/** Of somebody's text: what a person writes is far below. */
const MOST_TEXT = 200_000

export function reportVerbs(context: EngineContext): Handlers<'reports.write'> {
  const { store, queue } = context
  const { runs, results } = store
  const { 'runs.compare': compare } = runVerbs(context)
  const { 'curves.epochs': epochs } = curveVerbs(context)
  return {
    'reports.write': async (ask) => {
      metricAt(ask.metric)
      if (ask.runs.length + ask.search.length + ask.tracked.length === 0 && ask.text === '' && ask.textFile === undefined)
        throw badInput('Name runs, a search, or a text: there is nothing to report.', 'runs')
      const asked = ask.runs.map((text) => runs.resolve(text).id)
      const rows = [...new Set(asked)].map((id) => runs.resolve(id))
      const ids = rows.map(({ id }) => id)
      const { groups, differences } =
        rows.length === 0
          ? { groups: [], differences: [] }
          : await compare({ runs: ids, metrics: ask.metrics, each: false, plain: true, unmeasured: true })
      const ledgers: LedgerResult[] = []
      for (const row of rows) {
        const path = await optionalRunFile(runLocation(store, row), RUN_FILES.ledger)
        const ledger = path === null ? null : await readJsonFile(path, ledgerResult)
        if (ledger !== null) ledgers.push(ledger)
      }
      const { curves } = await epochs({ runs: ids })
      const tracked = ask.tracked.map((each) => store.tracked.resolve(each).run)
      const searches = ask.search.map((search) => searchDetail(context, search))
      const text = ask.textFile === undefined ? ask.text : await textOf(ask.textFile)
      const names = [...new Set([...rows.map(({ name }) => name), ...searches.map(({ name }) => name)])]
      const title = ask.title !== '' ? ask.title : names.length === 0 ? 'Pylon' : names.join(', ').slice(0, 200)
      const input = (): ReportJob => ({
        ask: { ...ask, text },
        title,
        at: new Date().toISOString(),
        pylon: pylonVersion(),
        runs: rows.map((row) => ({ summary: results.summary(row), place: runToRank(context, row), isRandom: isSeeded(row.spec) })),
        tables: groups.map(({ protocol, runs: members }) => ({ protocol, runs: members.map(({ run }) => run) })),
        curves,
        ledgers,
        searches,
        tracked,
        differences,
      })
      return queue.add({
        job: 'write-report',
        runs: ids,
        threads: context.threads,
        beside: true,
        input,
        settle: ({ ranked, report }) => {
          keepRanked(context, ranked)
          return report
        },
      })
    },
  }
}

async function textOf(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw badInput(`cannot be read: ${error instanceof Error ? error.message : String(error)}`, 'textFile')
  })
  if (text.length > MOST_TEXT) throw conflict(`${path} has ${text.length} characters; a report takes ${MOST_TEXT}.`, 'textFile')
  return text
}
