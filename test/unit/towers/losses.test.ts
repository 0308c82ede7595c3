/** Losses against finite differences, against tfjs-cpu, and against the textbook formula written out in plain loops. */
import { describe, expect, test } from 'vitest'
import { lossSchema, type LossSpec, matchSchema, type MatchSpec } from '../../../main/contract/shapes/spec.ts'
import { compileProgram } from '../../../main/engine/compute/executor.ts'
import type { Numbers } from '../../../main/engine/compute/graph-session.ts'
import { type Tensor, type Tensor1D, type Tensor2D, tf } from '../../../main/engine/compute/tf.ts'
import type { Program } from '../../../main/engine/compute/program.ts'
import { lossOf } from '../../../main/engine/towers/candidates.ts'
import { usesTemperature, losses, MASKED } from '../../../main/engine/towers/losses.ts'
import { type LoadedModule, matchOf } from '../../../main/engine/towers/match.ts'
import { finiteDifferences, numbers, relativeError } from '../../helpers/numbers.ts'

/** rows, shared candidates, own candidates of a row, width */
const [B, N, OWN, D] = [5, 7, 3, 4]
const TRAINED = ['users', 'positives', 'shared', 'own', 'temperature'] as const

interface Setting {
  readonly loss: LossSpec
  readonly match: MatchSpec
  /** only the hardest of the shared candidates */
  readonly hardest: number | null
  readonly loaded?: LoadedModule
}

const setting = (loss: object, change: { match?: object; hardest?: number; loaded?: LoadedModule } = {}): Setting => ({
  loss: lossSchema.parse(loss),
  match: matchSchema.parse(change.match ?? { kind: 'dot' }),
  hardest: change.hardest ?? null,
  ...(change.loaded === undefined ? {} : { loaded: change.loaded }),
})

function program({ loss, match, hardest, loaded }: Setting): Program {
  const inputs: Program['inputs'] = [
    { name: 'users', shape: [B, D] },
    { name: 'positives', shape: [B, D] },
    { name: 'shared', shape: [N, D] },
    { name: 'own', shape: [B * OWN, D] },
    { name: 'temperature', shape: [] },
    { name: 'positiveBias', shape: [B] },
    { name: 'sharedBias', shape: [N] },
    { name: 'ownBias', shape: [B, OWN] },
    { name: 'weight', shape: [B] },
    { name: 'inverseCount', shape: [B] },
    { name: 'mates', shape: [B, 'most'], dtype: 'int32' },
    { name: 'maskedShared', shape: ['pairsShared', 2], dtype: 'int32' },
    { name: 'maskValueShared', shape: ['pairsShared'] },
    { name: 'maskedOwn', shape: ['pairsOwn', 2], dtype: 'int32' },
    { name: 'maskValueOwn', shape: ['pairsOwn'] },
  ]
  return {
    inputs,
    run(x) {
      const block = (kind: 'shared' | 'rows', name: string, vectors: Tensor, only: number | null) => ({
        kind,
        vectors: vectors as Tensor2D,
        bias: x[`${name.toLowerCase()}Bias`]!,
        masked: x[`masked${name}`] as Tensor2D,
        maskValue: x[`maskValue${name}`] as Tensor1D,
        hardest: only,
      })
      const { value, grads } = tf.valueAndGrads((...t: Tensor[]) => {
        const unread = t.map((tensor) => tf.mul(tf.sum(tensor), 0)).reduce((a, b) => tf.add(a, b))
        const value = lossOf(loss, matchOf(match, loaded ?? null), {
          users: t[0] as Tensor2D,
          positives: t[1] as Tensor2D,
          temperature: t[4]!,
          positiveBias: x['positiveBias'] as Tensor1D,
          candidates: [block('shared', 'Shared', t[2]!, hardest), block('rows', 'Own', t[3]!, null)],
          weight: x['weight'] as Tensor1D,
          inverseCount: x['inverseCount'] as Tensor1D,
          mates: x['mates'] as Tensor2D,
        })
        return tf.add(value, unread)
      })(TRAINED.map((name) => x[name]!))
      return { loss: value, ...Object.fromEntries(TRAINED.map((name, i) => [`d_${name}`, grads[i]!])) }
    },
  }
}

/** Pairs (row, candidate) that are no negatives: some, a whole row of the shared, and one twice. */
const SHARED_PAIRS = [[0, 3], [2, 4], [2, 0], [2, 0], ...Array.from({ length: N }, (_, j) => [4, j])]
const OWN_PAIRS = [
  [1, 2],
  [3, 0],
]

/** Rows of each row's user. */
const MATES = [[0, 2], [1, 4], [0, 2], [3], [1, 4]]

type Feeds = Record<string, Numbers>
function feeds(shared: number[][], own: number[][], scale = 1): Feeds {
  const open = Array.from({ length: B }, (_, r) => {
    const gone = (pairs: number[][]): number => new Set(pairs.filter(([row]) => row === r).map(([, j]) => j)).size
    return N - gone(shared) + OWN - gone(own)
  })
  return {
    users: numbers(B * D, 1, 2 * scale),
    positives: numbers(B * D, 2),
    shared: numbers(N * D, 3),
    own: numbers(B * OWN * D, 8),
    temperature: Float32Array.of(0.7),
    positiveBias: numbers(B, 4),
    sharedBias: numbers(N, 5),
    ownBias: numbers(B * OWN, 6),
    weight: Float32Array.of(0.1, 0.3, 0.2, 0.25, 0.15),
    inverseCount: Float32Array.from(open, (n) => 1 / n),
    mates: Int32Array.from(MATES.flatMap((rows) => [rows[0]!, rows[1] ?? B])),
    maskedShared: Int32Array.from(shared.flat()),
    maskValueShared: new Float32Array(shared.length).fill(MASKED),
    maskedOwn: Int32Array.from(own.flat()),
    maskValueOwn: new Float32Array(own.length).fill(MASKED),
  }
}

const sum = (values: number[]): number => values.reduce((a, b) => a + b, 0)
const mean = (values: number[]): number => sum(values) / values.length
const logSumExp = (values: number[]): number => {
  const top = Math.max(...values)
  return top + Math.log(sum(values.map((x) => Math.exp(x - top))))
}
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))

/**
 * The loss in float64, candidate by candidate.
 * @param held quantiles that a loss takes as constants; default: those of `x`, which are put into `found`
 */
function textbook({ loss, match, hardest }: Setting, x: Feeds, held: readonly number[] | null = null, found: number[] = []): number {
  const vector = (name: string, i: number): number[] => Array.from({ length: D }, (_, k) => x[name]![i * D + k]!)
  const dot = (a: number[], b: number[]): number => sum(a.map((value, k) => value * b[k]!))
  const unit = (a: number[]): number[] => a.map((value) => value / Math.sqrt(dot(a, a)))
  const square = (a: number[], b: number[]): number => sum(a.map((value, k) => (value - b[k]!) ** 2))
  const tau = usesTemperature(loss.kind) ? x['temperature']![0]! : 1
  const score = (u: number[], v: number[]): number => {
    if (match.kind === 'euclidean') return -square(u, v) / tau
    if (match.kind === 'expression') return Math.tanh(dot(u, v)) / (1 + 0.5 * square(u, v)) / tau
    return dot(u, v) / tau
  }
  const isMasked = (block: string, row: number, j: number): boolean => {
    const pairs = x[`masked${block}`]!
    for (let p = 0; p < pairs.length; p += 2) if (pairs[p] === row && pairs[p + 1] === j) return true
    return false
  }
  if (loss.kind === 'directau') {
    const side = (name: string): number[][] => Array.from({ length: B }, (_, r) => unit(vector(name, r)))
    const uniformity = (rows: number[][]): number =>
      Math.log(mean(rows.flatMap((a, i) => rows.filter((_, j) => j !== i).map((b) => Math.exp(-2 * square(a, b))))))
    const [u, v] = [side('users'), side('positives')]
    const alignment = sum(u.map((a, r) => x['weight']![r]! * square(a, v[r]!)))
    return alignment + (loss.gamma / 2) * (uniformity(u) + uniformity(v))
  }
  const ratio = loss.kind === 'bsl' && loss.positiveTemperature !== null ? tau / loss.positiveTemperature : 1
  const positives = Array.from({ length: B }, (_, r) => ratio * score(vector('users', r), vector('positives', r)) + x['positiveBias']![r]!)
  const rowLoss = (r: number): number => {
    const u = vector('users', r)
    const shared = Array.from({ length: N }, (_, j) =>
      isMasked('Shared', r, j) ? [] : [score(u, vector('shared', j)) + x['sharedBias']![j]!],
    ).flat()
    const kept = hardest === null ? shared : shared.toSorted((a, b) => b - a).slice(0, hardest)
    const own = Array.from({ length: OWN }, (_, j) =>
      isMasked('Own', r, j) ? [] : [score(u, vector('own', r * OWN + j)) + x['ownBias']![r * OWN + j]!],
    ).flat()
    const negatives = [...kept, ...own]
    const [p, share] = [positives[r]!, x['inverseCount']![r]!]
    switch (loss.kind) {
      case 'nce':
        return softplus(-p) + sum(negatives.map(softplus))
      case 'bce':
        return loss.positivePower * softplus(-p) + loss.negativeWeight * share * sum(negatives.map(softplus))
      case 'bpr':
        return share * sum(negatives.map((s) => softplus(s - p)))
      case 'hinge':
        return share * sum(negatives.map((s) => Math.max(0, loss.margin + s - p)))
      case 'ccl':
        return 1 - p + loss.weight * share * sum(negatives.map((s) => Math.max(0, s - loss.margin)))
      case 'psl': {
        const grow = { tanh: Math.tanh, atan: Math.atan, relu: (z: number) => Math.max(-1, z) }[loss.activation]
        return logSumExp(negatives.map((s) => Math.log(Math.max(1e-12, 1 + grow((s - p) / 2))) / loss.temperature))
      }
      case 'sl-at-k': {
        const beta = [p, ...negatives].sort((a, b) => b - a)[Math.min(loss.k, negatives.length + 1) - 1]!
        found[r] = beta
        return (logSumExp(negatives) - p) / (1 + Math.exp(-loss.sharpness * (p - (held?.[r] ?? beta))))
      }
      case 'bsl': {
        const same = positives.filter((_, s) => (loss.pooled ? MATES[r]!.includes(s) : s === r))
        return loss.exponent * logSumExp(negatives) - (logSumExp(same) - Math.log(same.length))
      }
      default:
        return logSumExp([p, ...negatives]) - p
    }
  }
  return sum(Array.from({ length: B }, (_, r) => x['weight']![r]! * rowLoss(r)))
}

const SETTINGS: Record<string, Setting> = {
  ...Object.fromEntries([...Object.keys(losses), 'directau'].map((kind) => [kind, setting({ kind })])),
  'bsl, τ1 of its own, exponent, not pooled': setting({ kind: 'bsl', positiveTemperature: 0.4, exponent: 0.8, pooled: false }),
  'bce, the positive to a power': setting({ kind: 'bce', positivePower: 0.3 }),
  'psl by arctan': setting({ kind: 'psl', activation: 'atan', temperature: 0.3 }),
  'psl by relu': setting({ kind: 'psl', activation: 'relu', temperature: 0.5 }),
  'sl-at-k, second': setting({ kind: 'sl-at-k', k: 2, sharpness: 0.7 }),
  'ccl, low margin': setting({ kind: 'ccl', margin: -0.2, weight: 3 }),
  'hinge, wide margin': setting({ kind: 'hinge', margin: 1.7 }),
  'softmax over the two hardest': setting({ kind: 'in-batch-softmax' }, { hardest: 2 }),
  'hinge over the hardest': setting({ kind: 'hinge', margin: 1 }, { hardest: 1 }),
  'euclidean softmax': setting({ kind: 'sampled-softmax' }, { match: { kind: 'euclidean' } }),
  'euclidean bpr': setting({ kind: 'bpr' }, { match: { kind: 'euclidean' } }),
  'expression softmax': setting({ kind: 'sampled-softmax' }, { match: { kind: 'expression', expression: 'tanh(dot) / (1 + 0.5 * sq)' } }),
  'expression bce': setting({ kind: 'bce' }, { match: { kind: 'expression', expression: 'tanh(dot)/(1+sq*.5)' } }),
  'a module': setting({ kind: 'bpr' }, { match: { kind: 'module' }, loaded: (ops, users, items) => ops.matMul(users, items, false, true) }),
}

describe.each(Object.entries(SETTINGS))('%s', (_, how) => {
  test.each([
    ['with masked pairs', SHARED_PAIRS, OWN_PAIRS],
    ['without', [], []],
  ])('traced, eager and textbook agree %s', async (_, shared, own) => {
    const x = feeds(shared, own)
    const traced = await compileProgram(program(how), { threads: 1 })
    const [actual, eager] = [await traced.run(x), await (await compileProgram(program(how), { executor: 'tfjs-cpu' })).run(x)]
    await traced.dispose()
    expect(relativeError(actual['loss']!, [textbook(how, x)], 1)).toBeLessThan(1e-5)
    for (const name of ['loss', ...TRAINED.map((input) => `d_${input}`)])
      expect(relativeError(actual[name]!, eager[name]!), name).toBeLessThan(1e-5)
  })

  test('gradients are the finite differences of the textbook loss', async () => {
    const x = feeds(SHARED_PAIRS, OWN_PAIRS)
    const traced = await compileProgram(program(how), { threads: 1 })
    const gradients = await traced.run(x)
    await traced.dispose()
    const held: number[] = []
    textbook(how, x, null, held)
    for (const name of TRAINED) {
      const expected = await finiteDifferences(
        (values) => Promise.resolve(textbook(how, { ...x, [name]: values }, held)),
        x[name] as Float32Array,
        1e-3,
      )
      expect(relativeError(gradients[`d_${name}`]!, expected), name).toBeLessThan(1e-4)
    }
  })

  test('large scores stay finite', async () => {
    const x = feeds(SHARED_PAIRS, OWN_PAIRS, 200)
    const traced = await compileProgram(program(how), { threads: 1 })
    const result = await traced.run(x)
    await traced.dispose()
    for (const name of ['loss', ...TRAINED.map((input) => `d_${input}`)]) expect(result[name]!.every(Number.isFinite), name).toBe(true)
    expect(result['loss']![0]! / textbook(how, x)).toBeCloseTo(1, 3)
  })
})
