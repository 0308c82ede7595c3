/** `npm run bench`: the figures the README and the notes quote. Names as arguments choose some. */
import { benchBaselines } from './baselines.ts'
import { benchCli } from './cli.ts'
import { benchExecutors } from './executors.ts'
import { benchEpoch } from './epoch.ts'
import { benchImport } from './import.ts'
import { benchProfile } from './profile.ts'
import { benchRecipes } from './recipes.ts'
import { benchSearch } from './search.ts'
import { benchServing } from './serving.ts'
import { benchSteps } from './step.ts'

const benches: Record<string, () => Promise<void>> = {
  step: benchSteps,
  profile: benchProfile,
  executors: benchExecutors,
  recipes: benchRecipes,
  epoch: benchEpoch,
  import: benchImport,
  search: benchSearch,
  baselines: benchBaselines,
  serve: benchServing,
  cli: benchCli,
}

const wanted = process.argv.slice(2)
const unknown = wanted.find((name) => !Object.hasOwn(benches, name))
if (unknown !== undefined) {
  console.error(`There is no bench "${unknown}". There are ${Object.keys(benches).join(', ')}.`)
  process.exitCode = 2
} else {
  for (const [name, bench] of Object.entries(benches)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue
    console.log(`— ${name}`)
    await bench()
  }
}
