/** Verb handlers of searches. */
import { badInput, conflict } from '../../contract/errors.ts'
import type { EngineContext, Handlers } from '../engine-context.ts'
import { checkNewFile } from '../export/export-folder.ts'
import { writeFileAtomic } from '../files/atomic.ts'
import type { SearchVerb } from '../../contract/verbs/search.ts'
import { ranked } from '../search/next.ts'
import { optunaJournal } from '../search/optuna-journal.ts'
import { spaceAround } from '../search/recipe-space.ts'
import { settingsOf } from '../search/space.ts'
import { driveSearch } from './drive-search.ts'
import { checkTrackers } from './live-log.ts'
import { resolveRun, startRun } from './run-jobs.ts'
import { letGo } from './runs.ts'
import { defineSearch } from './search-definition.ts'
import { searchDetail, searchSummary } from './search-detail.ts'

/** What of a budget can be raised later. */
const LIMITS = ['trials', 'minutes', 'diskGb'] as const

export function searchVerbs(context: EngineContext): Handlers<SearchVerb> {
  const { store, owner, announce, searches: drivers } = context
  const { searches } = store
  const goOn = (id: string, log: readonly string[] = []): { job: string; search: string } => {
    checkTrackers(context, log)
    searches.claim(id, owner)
    announce('search.changed', { search: id })
    return driveSearch(context, id, log)
  }
  return {
    'search.list': async ({ dataset }) => ({
      searches: searches
        .list()
        .filter((row) => dataset === undefined || row.dataset === dataset)
        .map((row) => searchSummary(row, searches.trials(row.id))),
    }),

    'search.start': async ({ log = [], ...input }) => {
      checkTrackers(context, log)
      const spec = await defineSearch(context, input)
      const id = searches.create({ spec, threads: input.threads ?? context.threads, executor: input.executor ?? null, owner })
      announce('search.changed', { search: id })
      return driveSearch(context, id, log)
    },

    'search.show': async ({ search }) => searchDetail(context, search),

    'search.space': async ({ recipe, dataset, spec }) => {
      if (recipe === undefined && spec === undefined) throw badInput('Name a recipe; `pylon recipes` lists them.', 'recipe')
      const resolved = (await resolveRun(context, { dataset, recipe, spec, set: [] })).spec
      return { space: spaceAround(resolved), spec: { ...resolved } }
    },

    'search.cancel': async ({ search }) => {
      const { id, state } = searches.resolve(search)
      if (state !== 'running') throw conflict(`Search ${id} is ${state}: there is nothing to stop.`)
      drivers.cancel(id)
      return { search: id }
    },

    'search.resume': async ({ search, log }) => {
      const { id, state } = searches.resolve(search)
      if (state === 'finished') throw conflict(`Search ${id} is finished: give it more with pylon search add ${id} --trials N.`)
      return goOn(id, log)
    },

    'search.add': async ({ search, log, ...more }) => {
      const { id, spec, state } = searches.resolve(search)
      const asked = LIMITS.filter((limit) => more[limit] !== undefined)
      if (asked.length === 0) throw badInput('Say how much: --trials N, --minutes N or --disk-gb N.')
      for (const limit of asked)
        if (spec.budget[limit] === null) throw badInput(`Search ${id} has no such limit to raise: ${limit}.`, limit)
      if (state === 'running') throw conflict(`Search ${id} is running: stop it first, or wait for its end.`)
      checkTrackers(context, log ?? [])
      const budget = { ...spec.budget }
      for (const limit of asked) budget[limit]! += more[limit]!
      searches.setSpec(id, { ...spec, budget })
      return goOn(id, log)
    },

    'search.promote': async ({ search, trial: asked, name, threads }) => {
      const { id, spec, state, verdict } = searches.resolve(search)
      if (state === 'running') throw conflict(`Search ${id} is running: stop it first, or wait for its end.`)
      const trials = searches.trials(id)
      const number = asked ?? verdict?.winner ?? ranked(trials)[0]?.number
      const trial = trials.find((each) => each.number === number)
      if (trial === undefined)
        throw asked === undefined
          ? conflict(`Search ${id} has no complete trial yet.`)
          : badInput(`Search ${id} has no trial ${asked}.`, 'trial')
      if (trial.value === null) throw badInput(`Trial ${trial.number} of search ${id} has no value: promote one that has.`, 'trial')
      const started = await startRun(context, {
        dataset: spec.dataset,
        spec: spec.spec,
        set: settingsOf(spec.space, trial.params),
        ...(trial.seed !== null && { seed: trial.seed }),
        name: name ?? spec.name,
        threads,
      })
      searches.addPromoted(id, started.run)
      searches.writeFile(id)
      announce('search.changed', { search: id })
      return started
    },

    'search.export': async ({ search, out }) => {
      await checkNewFile(out)
      const detail = searchDetail(context, search)
      await writeFileAtomic(
        out,
        optunaJournal(detail, (run) => store.runs.startedAt(run)),
      )
      return { path: out, study: detail.name, trials: detail.trials }
    },

    'search.delete': async ({ search, runs: withRuns, forever }) => {
      const { id } = searches.resolve(search)
      const promoted = new Set(searches.promoted(id))
      const runs = withRuns ? searches.trials(id).flatMap(({ run }) => (run === null || promoted.has(run) ? [] : run)) : []
      searches.checkRemovable(id)
      await letGo(context, runs)
      store.removeSearch(id, { runs, forever })
      for (const run of runs) announce('runs.changed', { run })
      announce('search.changed', { search: id })
      return { deleted: id, runs: runs.length, forever }
    },
  }
}
