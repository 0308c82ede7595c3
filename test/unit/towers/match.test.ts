/** Matching: expressions against JavaScript, Euclidean search against brute force, functions in training's form and in evaluation's. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { indexSchema, matchSchema } from '../../../main/contract/shapes/spec.ts'
import { createExact } from '../../../main/engine/ann/exact.ts'
import { buildIndex } from '../../../main/engine/ann/usearch.ts'
import { tf } from '../../../main/engine/compute/tf.ts'
import { rescoredBlocks } from '../../../main/engine/model/blocks.ts'
import { RESCORED_CANDIDATES, Retriever } from '../../../main/engine/model/retriever.ts'
import { vectorScorer } from '../../../main/engine/model/scoring.ts'
import { compileExpression } from '../../../main/engine/towers/expression.ts'
import { loadMatchModule, trustModule } from '../../../main/engine/towers/match-module.ts'
import { drain } from '../../../main/engine/files/drain.ts'
import { temporaryFolder } from '../../helpers/folder.ts'
import { numbers, relativeError } from '../../helpers/numbers.ts'

describe('expressions', () => {
  const values = { dot: 0.4, nu: 1.5, nv: 0.7, sq: 1.2 }
  const evaluate = (source: string): number =>
    tf.tidy(() => {
      const compiled = compileExpression(source)
      const scalar = (x: number) => () => tf.scalar(x)
      return compiled({ dot: scalar(values.dot), nu: scalar(values.nu), nv: scalar(values.nv), sq: scalar(values.sq) }).dataSync()[0]!
    })
  const inJs = (source: string): number => {
    const { dot, nu, nv, sq } = values
    const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))
    const { exp, log, log1p, sqrt, tanh, abs } = Math
    const relu = (x: number): number => Math.max(0, x)
    const given = { dot, nu, nv, sq, sigmoid, exp, log, log1p, sqrt, tanh, abs, relu }
    return runInNewContext(source.replaceAll('^', '**'), given) as number
  }

  test.each([
    'dot',
    '-sq',
    '1 - 2 - dot',
    'dot / nu / nv',
    'dot*(1+sq)^2',
    '2*-dot',
    'exp(-sq / 2)',
    'tanh(dot) + log1p(nu) * sqrt(nv)',
    'sigmoid(.5*dot - 1e-1)',
    'relu(dot - 1) + abs(-nu)',
    'dot^.5',
    '-(-dot)',
  ])('%s', async (source) => {
    await tf.setBackend('cpu')
    expect(evaluate(source)).toBeCloseTo(inJs(source), 5)
  })

  test('any sum of products agrees with JavaScript', async () => {
    await tf.setBackend('cpu')
    const tree = fc.letrec<{ sum: string }>((tie) => ({
      sum: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom('dot', 'nu', 'nv', 'sq', '0.5', '3'),
        fc.tuple(tie('sum'), fc.constantFrom('+', '-', '*'), tie('sum')).map(([a, o, b]) => `(${a} ${o} ${b})`),
        fc.tuple(tie('sum'), fc.constantFrom('+', '-', '*'), tie('sum')).map(([a, o, b]) => `${a}${o}(${b})`),
      ),
    })).sum
    fc.assert(
      fc.property(tree, (source) => {
        const whole = `dot + 0*(${source}) + (${source})`
        const expected = inJs(whole)
        fc.pre(Math.abs(expected) < 1e4)
        expect(Math.abs(evaluate(whole) - expected)).toBeLessThan(1e-3 * (1 + Math.abs(expected)))
      }),
      { numRuns: 60 },
    )
  })

  test.each([
    ['', /character 1 there is the end/],
    ['dot +', /character 6 there is the end/],
    ['dot foo', /there is "foo", not an operator/],
    ['process.exit()', /"process\.".*not one of dot, nu/],
    ['constructor(1)', /not one of dot/],
    ['dot ^ nu', /not a number/],
    ['3 + 4', /reads neither side/],
    [`${'('.repeat(100)}dot${')'.repeat(100)}`, /64 levels/],
  ])('%s is refused with the place', (source, message) => {
    expect(() => compileExpression(source)).toThrow(message)
  })
})

const [rows, items, dim] = [7, 300, 6]
const [queries, vectors] = [numbers(rows * dim, 1), numbers(items * dim, 2)]
const distance = (r: number, i: number): number => {
  let sum = 0
  for (let k = 0; k < dim; k++) sum += (queries[r * dim + k]! - vectors[i * dim + k]!) ** 2
  return sum
}
const nearest = (r: number, k: number): number[] =>
  Array.from({ length: items }, (_, i) => i)
    .sort((a, b) => distance(r, a) - distance(r, b))
    .slice(0, k)

test('Euclidean exact search is brute force, its scores minus the squared distances', async () => {
  const search = await createExact(vectors, dim, 'euclidean', { threads: 1 })
  const { keys, scores } = await search.search(queries, { k: 5 })
  const one = await new Retriever(vectors, dim, 'euclidean').scores(queries.subarray(0, dim))
  await search.dispose()
  for (let r = 0; r < rows; r++) {
    expect([...keys.subarray(r * 5, r * 5 + 5)]).toEqual(nearest(r, 5))
    expect(scores[r * 5]).toBeCloseTo(-distance(r, keys[r * 5]!), 5)
  }
  expect(
    relativeError(
      one,
      Array.from({ length: items }, (_, i) => -distance(0, i)),
    ),
  ).toBeLessThan(1e-5)
})

test('a Euclidean index finds the nearest, with the same scores; i8 is refused', async () => {
  const spec = indexSchema.parse({})
  const index = await drain(buildIndex(vectors, { dim, metric: 'euclidean', spec }))
  for (let r = 0; r < rows; r++) {
    const found = index.search(queries.subarray(r * dim, (r + 1) * dim), 5)
    expect([...found.keys]).toEqual(nearest(r, 5))
    expect(found.scores[0]).toBeCloseTo(-distance(r, found.keys[0]!), 4)
  }
  index.dispose()
  await expect(drain(buildIndex(vectors, { dim, metric: 'euclidean', spec: { ...spec, scalar: 'i8' } }))).rejects.toThrow('i8')
})

const scoresBy = async (match: object): Promise<Float32Array> => {
  const scorer = await vectorScorer({ userVectors: queries, itemVectors: vectors, dim, threads: 1, matching: matchSchema.parse(match) })
  const out = new Float32Array(3 * items)
  await scorer.score(Int32Array.of(4, 0, 6), out)
  await scorer.dispose()
  return out
}
const byHand = (score: (dot: number, sq: number) => number): number[] =>
  [4, 0, 6].flatMap((r) =>
    Array.from({ length: items }, (_, i) => {
      let dot = 0
      for (let k = 0; k < dim; k++) dot += queries[r * dim + k]! * vectors[i * dim + k]!
      return score(dot, distance(r, i))
    }),
  )

test('evaluation scores as the model matches', async () => {
  expect(
    relativeError(
      await scoresBy({ kind: 'euclidean' }),
      byHand((_, sq) => -sq),
    ),
  ).toBeLessThan(1e-5)
  expect(
    relativeError(
      await scoresBy({ kind: 'dot' }),
      byHand((dot) => dot),
    ),
  ).toBeLessThan(1e-5)
  expect(
    relativeError(
      await scoresBy({ kind: 'expression', expression: 'dot / (1 + sq)' }),
      byHand((dot, sq) => dot / (1 + sq)),
    ),
  ).toBeLessThan(1e-5)
})

describe('a module', () => {
  const source = 'export default (tf, users, items) => tf.tanh(tf.matMul(users, items, false, true))\n'
  const named = async (text = source): Promise<{ path: string; sha256: string | null }> => {
    const path = join(await temporaryFolder(), 'match.mjs')
    await writeFile(path, text)
    return { path, sha256: null }
  }

  test('scores in evaluation once it is trusted', async () => {
    const module = await trustModule(await named())
    expect(
      relativeError(
        await scoresBy({ kind: 'module', module }),
        byHand((dot) => Math.tanh(dot)),
      ),
    ).toBeLessThan(1e-5)
  })

  test('never runs without a hash, nor with another content', async () => {
    const untrusted = await named('globalThis.ran = true; export default () => 0\n')
    await expect(loadMatchModule(matchSchema.parse({ kind: 'module', module: untrusted }))).rejects.toMatchObject({
      code: 'bad-input',
      place: 'match.module.path',
    })
    const changed = { ...untrusted, sha256: '0'.repeat(64) }
    await expect(loadMatchModule(matchSchema.parse({ kind: 'module', module: changed }))).rejects.toMatchObject({ code: 'conflict' })
    await expect(trustModule(changed)).rejects.toMatchObject({ code: 'conflict' })
    expect('ran' in globalThis).toBe(false)
    await expect(trustModule({ path: '/nowhere/at-all.js', sha256: null })).rejects.toMatchObject({ code: 'not-found' })
    const broken = await trustModule(await named('export default 3\n'))
    await expect(loadMatchModule(matchSchema.parse({ kind: 'module', module: broken }))).rejects.toMatchObject({ code: 'bad-data' })
  })
})

test('a function served through the nearest metric ranks its candidates by itself, and finds what is among them', async () => {
  const match = matchSchema.parse({ kind: 'expression', expression: '-sq', retrieve: 'dot' })
  const retriever = await rescoredBlocks({ userVectors: queries, itemVectors: vectors, dim, matching: match, threads: 1 })
  const users = Int32Array.of(2, 5)
  const lists = new Int32Array(2 * 8)
  const question = { offsets: Int32Array.of(0, 1, 2), items: Int32Array.of(nearest(2, 1)[0]!, 0), ranks: new Int32Array(2) }
  await retriever.retrieve({ users, depth: 8, lists, seen: (user) => Int32Array.of(nearest(user, 2)[1]!), question })
  await retriever.dispose()
  for (const [row, user] of users.entries()) {
    const dot = (i: number): number =>
      Array.from({ length: dim }, (_, k) => queries[user * dim + k]! * vectors[i * dim + k]!).reduce((a, b) => a + b, 0)
    const seen = nearest(user, 2)[1]!
    const candidates = Array.from({ length: items }, (_, i) => i)
      .filter((i) => i !== seen)
      .sort((a, b) => dot(b) - dot(a))
      .slice(0, RESCORED_CANDIDATES)
    const expected = candidates.sort((a, b) => distance(user, a) - distance(user, b)).slice(0, 8)
    expect([...lists.subarray(row * 8, row * 8 + 8)]).toEqual(expected)
  }
  expect(question.ranks[0]).toBe([...lists.subarray(0, 8)].indexOf(question.items[0]!) + 1)
})
