/** `npm run bench`: the figures the README and the notes quote. Names as arguments choose some; a number behind a name is its amount. */
import { benchBaselines } from './baselines.ts'
import { benchCli } from './cli.ts'
import { benchExecutors } from './executors.ts'
import { benchEpoch } from './epoch.ts'
import { benchFilters } from './filters.ts'
import { benchImport } from './import.ts'
import { benchMap } from './map.ts'
import { benchProfile } from './profile.ts'
import { benchRecipes } from './recipes.ts'
import { benchRows } from './rows.ts'
import { benchSearch } from './search.ts'
import { benchServing } from './serving.ts'
import { benchSteps } from './step.ts'

const benches: Record<string, (amount?: number) => Promise<void>> = {
  step: benchSteps,
  profile: benchProfile,
  executors: benchExecutors,
  rows: benchRows,
  recipes: benchRecipes,
  epoch: benchEpoch,
  import: benchImport,
  search: benchSearch,
  map: benchMap,
  filters: benchFilters,
  baselines: benchBaselines,
  serve: benchServing,
  cli: benchCli,
}

const given = process.argv.slice(2)
const isAmount = (text: string): boolean => /^\d+$/.test(text)
const wanted = given.filter((name) => !isAmount(name))
const amountOf = (name: string): number | undefined => {
  const next = given.includes(name) ? given[given.indexOf(name) + 1] : undefined
  return next !== undefined && isAmount(next) ? Number(next) : undefined
}
const unknown = wanted.find((name) => !Object.hasOwn(benches, name))
if (unknown !== undefined) {
  console.error(`There is no bench "${unknown}". There are ${Object.keys(benches).join(', ')}.`)
  process.exitCode = 2
} else {
  for (const [name, bench] of Object.entries(benches)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue
    console.log(`— ${name}`)
    await bench(amountOf(name))
  }
}
