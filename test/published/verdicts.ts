/**
 * `npm run verdicts`: what verdicts say of experiments whose truth is known, 4,000 of each kind; writes the table of docs/verdicts.md and
 * fails where a figure is out of its bounds.
 *
 *   node test/published/verdicts.ts [--rounds 4000]
 *
 * Of 1,000 a share of .95 is off by .02 in one of 250 by luck alone, and there are 48 of them; of 4,000 in none of a million.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { compareSides, intervalOf, pOf } from '../../main/engine/evaluation/crossed.ts'
import { decide, neededFor, powerOf } from '../../main/engine/evaluation/verdict.ts'
import { models, type Population, POPULATIONS, shareOf, type Size, trueSpread } from '../helpers/verdict-draws.ts'

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '4000' } } })
const rounds = Number(values.rounds)
const [USERS, NEAR, FAR, MARGIN, TO_TELL, MOST_VALUES] = [120, 0.02, 0.5, 0.2, 0.25, 40_000]
/** three standard errors of a share of .05, as there are 32 of them */
const LUCK = 3 * Math.sqrt((0.05 * 0.95) / rounds)
const bad: string[] = []

function coverage(population: Population, size: Size, difference: number, seed: number): number {
  const draw = models(seed)
  return shareOf(rounds, () => {
    const { sides, difference: ofModels } = draw(population, size, difference)
    const compared = compareSides(...sides)
    const truth = compared.ofRecipes ? difference : ofModels
    const { low, high } = intervalOf(compared)
    return low <= truth && truth <= high
  })
}

/** The share of experiments in which it is told, beside the share that was stated. Single runs differ by their seeds too, so theirs have none. */
function power(population: Population, size: Size): number {
  const draw = models(3)
  const own = size.seeds === 1 ? { ...population, seeds: 0 } : population
  return shareOf(rounds, () => pOf(compareSides(...draw(own, size, TO_TELL).sides)) < 0.05)
}

const lines = POPULATIONS.flatMap((population) =>
  [1, 2, 3, 5].map((seeds) => {
    const size = { n: USERS, seeds }
    const name = `${population.name}, ${seeds}`
    const own = seeds === 1 ? { ...population, seeds: 0 } : population
    const [twins, apart] = [models(2), models(4)]
    const covered = [0, NEAR, FAR].map((difference, i) => coverage(population, size, difference, 11 + i))
    const different = shareOf(rounds, () => pOf(compareSides(...twins(own, size, 0).sides)) < 0.05)
    const same = shareOf(rounds, () => decide(compareSides(...apart(own, size, MARGIN).sides), MARGIN) === 'same')
    const spread = trueSpread(population, size)
    const needed = neededFor(spread, TO_TELL)
    const told = (
      [
        [needed.users, seeds, 'users'],
        [USERS, needed.seeds, 'seeds'],
      ] as const
    ).map(([n, count, what]) => {
      if (n === null || count === null || n * count > MOST_VALUES) return '–'
      const stated = powerOf(spread, TO_TELL, { users: n, seeds: count })
      const found = power(population, { n, seeds: count })
      if (Math.abs(found - stated) > 0.05) bad.push(`${name}: power of ${found} where ${stated} was stated`)
      return `${what === 'users' ? n : count}: ${stated.toFixed(2)} → ${found.toFixed(2)}`
    })
    if (covered.some((share) => share < 0.93 || share > (seeds === 2 ? 0.98 : 0.97))) bad.push(`${name}: coverage of ${covered.join(', ')}`)
    if (different > 0.05 + LUCK) bad.push(`${name}: ${different} of equal ones are different`)
    if (same > 0.05 + LUCK) bad.push(`${name}: ${same} of those at the margin are the same`)
    const shares = [...covered, different, same].map((share) => share.toFixed(3))
    return `| ${[population.name, String(seeds), ...shares, ...told].join(' | ')} |`
  }),
)

const text = `\`npm run verdicts\`: ${rounds} experiments of each kind, ${USERS} users with skewed values. Coverage is of 95 % intervals, where B is better by 0, ${NEAR} and
${FAR}; *different* is of equal recipes, *same* of those as far apart as x; power is stated → found for a difference of ${TO_TELL}, with so many users, or
so many seeds each. Of single runs the truth is that of these models.

| what varies | seeds | equal | near | apart | different | same | users needed | seeds needed |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
${lines.join('\n')}

Out of bounds (coverage .93 to .97, of two seeds to .98, different and same .05 and three standard errors, power .05 from what is stated):
${bad.length === 0 ? 'none' : bad.join('; ')}.
`
console.log(text)
const file = join(import.meta.dirname, '../../docs/verdicts.md')
const [before] = readFileSync(file, 'utf8').split('## Measured')
writeFileSync(file, `${before!}## Measured\n\n${text}`)
for (const each of bad) console.error(each)
if (bad.length > 0) process.exitCode = 1
