/**
 * A rolling backtest: a model of each fold measured on its own period and on all later ones, where it is older. From that follow the
 * decay of a model that is left alone and what each way of retraining reaches. How models are fitted is the caller's.
 */
import type { BacktestResult, PeriodValue, Retraining } from '../../../contract/verbs/backtest.ts'
import type { Stage } from '../../../contract/shapes/progress.ts'
import type { Protocol } from '../../../contract/shapes/protocol.ts'
import type { Dataset } from '../../dataset/dataset.ts'
import type { Scorer } from '../../model/scoring.ts'
import { heldOut } from '../held-out.ts'
import { type MetricAt, queryValues, rankHeldOut } from '../ranks.ts'
import { meanOfRepeats } from '../crossed.ts'
import type { Fold } from './folds.ts'

const DAY = 86_400

/** A model of a fold. */
export interface FoldModel {
  /** of its training */
  readonly seconds: number
  /** its scores for users as of the beginning of a period, of which nothing else may be read */
  scorer(period: Dataset): Promise<Scorer>
}

export interface Period extends Fold {
  readonly dataset: Dataset
  readonly protocol: Protocol
}

/** Metric of each user with something to find, in the order of the protocol's users. */
export async function* valuesIn({ dataset, protocol }: Period, scorer: Scorer, metric: MetricAt): Stage<Float64Array> {
  const held = heldOut(dataset, protocol)
  return queryValues(held, yield* rankHeldOut({ dataset, protocol, scorer }), metric)
}

/** A scorer that never retrieves what was not there before a time: an index that nobody adds to. */
export function amongItems(scorer: Scorer, isThere: Uint8Array): Scorer {
  const items = isThere.length
  return {
    ...scorer,
    async score(users, out) {
      await scorer.score(users, out)
      for (let row = 0; row < users.length; row++)
        for (let item = 0; item < items; item++) if (isThere[item] === 0) out[row * items + item] = -Infinity
    },
  }
}

/** What a policy did in each fold. */
export interface PolicyValues {
  readonly policy: Retraining
  readonly values: readonly Float64Array[]
  readonly seconds: number
}

/**
 * @param fresh [folds][periods]: of the model trained anew in each fold the values in its own period and later ones
 * @param policies the first is what the gains of others are over
 */
export function describeRecipe(
  recipe: string,
  periods: readonly Fold[],
  fresh: readonly (readonly (Float64Array | null)[])[],
  policies: readonly PolicyValues[],
): BacktestResult['recipes'][number] {
  const decay = decayOf(periods, fresh)
  const base = policies[0]!
  return {
    recipe,
    policies: policies.map(({ policy, values, seconds }) => {
      const differences = values.flatMap((each, f) => [each.map((value, q) => value - base.values[f]![q]!)])
      const { mean, low, high } = meanOfRepeats([joined(differences)])
      return { policy, values: values.map(summary), mean: meanOfRepeats([joined(values)]).mean, seconds, gain: { mean, low, high } }
    }),
    decay,
    halfLifeDays: halfLifeOf(decay),
  }
}

function summary(values: Float64Array): PeriodValue {
  const { mean: value, low, high } = meanOfRepeats([values])
  return { users: values.length, value, low, high }
}

function joined(parts: readonly Float64Array[]): Float64Array {
  return Float64Array.from(parts.flatMap((part) => Array.from(part)))
}

/** Values of models of one age together, over those of the fresh models of the same periods. */
function decayOf(
  periods: readonly Fold[],
  fresh: readonly (readonly (Float64Array | null)[])[],
): BacktestResult['recipes'][number]['decay'] {
  const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0)
  return periods.flatMap((period, age) => {
    const pairs = fresh.flatMap((row, f) => {
      const [old, own] = [row[f + age] ?? null, fresh[f + age]?.[f + age] ?? null]
      return old === null || own === null || sum(own) === 0 ? [] : [{ old: sum(old), own: sum(own) }]
    })
    if (pairs.length === 0) return []
    const share = pairs.reduce((total, { old }) => total + old, 0) / pairs.reduce((total, { own }) => total + own, 0)
    return [{ age, days: (age * (periods[0]!.end - periods[0]!.cut)) / DAY, share, pairs: pairs.length }]
  })
}

/** Days after which half of the share is left: least squares through 1 at age 0 on the logarithms, weighted by pairs. */
export function halfLifeOf(decay: BacktestResult['recipes'][number]['decay']): number | null {
  let [above, below] = [0, 0]
  for (const { days, share, pairs } of decay) {
    if (share <= 0) continue
    above += pairs * days * Math.log2(share)
    below += pairs * days * days
  }
  return below === 0 || above >= 0 ? null : -below / above
}
