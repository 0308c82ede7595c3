/**
 * The feature ledger: for each column that the towers of a run read what the metric loses without it, by permutation of the trained model
 * and, where they were trained, by models that never had it (drop-one) or had it shuffled; overall and by slices, user by user.
 */
import { ABLATIONS, type Ablation, type Drop, LEDGER_SLICES, type LedgerRow, type Retrained } from '../../../contract/verbs/ledger.ts'
import type { Protocol } from '../../../contract/shapes/protocol.ts'
import type { Dataset } from '../../dataset/dataset.ts'
import type { HeldOut } from '../held-out.ts'
import { type MetricAt, queryValues } from '../ranks.ts'
import { falseDiscoveryRates } from '../correction.ts'
import { meanOfRepeats } from '../crossed.ts'
import { sliceQueries } from '../slice-queries.ts'
import type { Permutations } from './permutation.ts'

/** A training of an ablation: the ranks that it left. */
export interface Trained {
  readonly column: string | null
  readonly how: Ablation | null
  readonly seed: number
  readonly ranks: Int32Array | null
  readonly epochs: number
  readonly seconds: number
  readonly error: string | null
}

export interface LedgerOptions {
  readonly dataset: Pick<Dataset, 'manifest' | 'interactions'>
  readonly protocol: Protocol
  readonly metric: MetricAt
  readonly permutations: Permutations
  /** what the ranks of {@link trained} are of */
  readonly held: HeldOut
  readonly trained: readonly Trained[]
}

/** Values of the users of a slice, by the ranks of what is held out. */
type Slices = readonly { readonly slice: Drop['slice']; readonly values: (ranks: Int32Array) => Float64Array }[]

/** The rows of a ledger, the greatest drop by permutation first, and the metric of the run as it is. */
export function ledgerOf(options: LedgerOptions): { value: number; rows: LedgerRow[] } {
  const { permutations, metric } = options
  const [own, whole] = [slicesOf(options, permutations.held), slicesOf(options, options.held)]
  const rows = permutations.columns.map(({ column, ranks, bytes, milliseconds }): LedgerRow => {
    const [without, shuffled] = ABLATIONS.map((how) => retrained(options.trained, `${column.side}.${column.name}`, how, whole))
    return {
      side: column.side,
      column: column.name,
      features: [...column.features],
      bytes,
      milliseconds,
      permuted: dropsOf(
        own,
        ranks.map((changed) => [permutations.ranks, changed]),
      ),
      without: without!,
      shuffled: shuffled!,
    }
  })
  for (const drops of [rows.flatMap(({ permuted }) => permuted), ...ABLATIONS.map((how) => rows.flatMap((row) => row[how]?.drops ?? []))])
    correct(drops)
  const values = queryValues(permutations.held, permutations.ranks, metric)
  return {
    value: values.reduce((sum, value) => sum + value, 0) / values.length,
    rows: rows.toSorted((a, b) => b.permuted[0]!.drop - a.permuted[0]!.drop),
  }
}

/** Pairs of one seed; null where nothing was tried. */
function retrained(trained: readonly Trained[], column: string, how: Ablation, slices: Slices): Retrained | null {
  const tried = trained.filter((each) => each.column === column && each.how === how)
  if (tried.length === 0) return null
  const pairs = tried.flatMap((ablated) => {
    const base = trained.find(({ column: of, seed }) => of === null && seed === ablated.seed)
    return ablated.ranks === null || base?.ranks == null ? [] : [{ base, ablated, ranks: [base.ranks, ablated.ranks] as const }]
  })
  const perEpoch = ({ seconds, epochs }: Trained): number => seconds / Math.max(1, epochs)
  return {
    seeds: pairs.map(({ ablated }) => ablated.seed),
    drops:
      pairs.length === 0
        ? []
        : dropsOf(
            slices,
            pairs.map(({ ranks }) => ranks),
          ),
    secondsLess:
      pairs.length === 0 ? null : pairs.reduce((sum, { base, ablated }) => sum + perEpoch(base) - perEpoch(ablated), 0) / pairs.length,
    error: tried.find(({ error }) => error !== null)?.error ?? null,
  }
}

/** @param pairs ranks as they are and as they were changed, one pair a repeat */
function dropsOf(slices: Slices, pairs: readonly (readonly [Int32Array, Int32Array])[]): Drop[] {
  return slices.map(({ slice, values }) => {
    const differences = pairs.map(([before, after]) => {
      const changed = values(after)
      return values(before).map((value, q) => value - changed[q]!)
    })
    const { mean: drop, ...interval } = meanOfRepeats(differences)
    return { slice, users: differences[0]!.length, drop, ...interval, adjusted: interval.p }
  })
}

function correct(drops: readonly Drop[]): void {
  const rates = falseDiscoveryRates(drops.map(({ p }) => p))
  for (const [i, drop] of drops.entries()) drop.adjusted = rates[i]!
}

/** Those slices that hold anybody. */
function slicesOf({ dataset, protocol, metric }: LedgerOptions, held: HeldOut): Slices {
  const queries = sliceQueries({ dataset, protocol, held })
  return LEDGER_SLICES.flatMap((slice) => {
    const own = queries.find((each) => each.slice === slice)
    return own === undefined ? [] : [{ slice, values: (ranks: Int32Array) => own.values(ranks, metric) }]
  })
}
