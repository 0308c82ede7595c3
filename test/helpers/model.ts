/** A small two-tower model with every kind of input (dense, context, entity bags, context bags), and random feeds for its programs. */
import { twoTowerSchema, type TwoTowerSpec } from '../../main/contract/shapes/spec.ts'
import type { Program } from '../../main/engine/compute/program.ts'
import type { Feeds } from '../../main/engine/compute/graph-session.ts'
import type { FrozenEncoders } from '../../main/engine/features/encoded.ts'
import { MASKED } from '../../main/engine/towers/losses.ts'
import { numbers } from './numbers.ts'

const history = { feature: 'history', table: 'user.history', kind: 'history', eventCodes: null, maxLength: 5, dim: 3 } as const

/** Encoders with made-up layouts; nothing was fitted. */
export const smallEncoders: FrozenEncoders = {
  version: 1,
  user: [],
  item: [],
  tables: [
    { name: 'user.id', rows: 9, dim: 4 },
    { name: 'user.history', rows: 12, dim: 3 },
    { name: 'item.id', rows: 12, dim: 4 },
    { name: 'item.title', rows: 20, dim: 2 },
  ],
  userLayout: {
    side: 'user',
    denseWidth: 2,
    contextDenseWidth: 1,
    denseNames: ['age', 'age missing', 'event age'],
    bags: [{ feature: 'id', table: 'user.id', dim: 4 }],
    contextBags: [history],
  },
  itemLayout: {
    side: 'item',
    denseWidth: 1,
    contextDenseWidth: 0,
    denseNames: ['price'],
    bags: [
      { feature: 'id', table: 'item.id', dim: 4 },
      { feature: 'title', table: 'item.title', dim: 2 },
    ],
    contextBags: [],
  },
  referenceTime: null,
}

/** A complete spec from a few changed values. */
export function smallSpec(change: object = {}): TwoTowerSpec {
  const features = [{ kind: 'id', dim: 4 }]
  return twoTowerSchema.parse({
    user: { features, hidden: [6], output: 5 },
    item: { features, hidden: [6], output: 5 },
    training: { batchSize: 4, epochs: 2 },
    ...change,
  })
}

/** Feeds of a step's program: seeded numbers; one masked pair off the diagonal; dropout masks with zeros. */
export function randomFeeds(program: Program, seed: number): Record<string, Feeds[string]> {
  return Object.fromEntries<Feeds[string]>(
    program.inputs.map(({ name, shape, dtype }, i) => {
      const size = shape.reduce<number>((product, d) => product * (typeof d === 'number' ? d : 1), 1)
      if (name === 'mates') return [name, Int32Array.from({ length: size }, (_, row) => row)]
      if (dtype === 'int32') return [name, Int32Array.of(0, 2)]
      if (name.startsWith('mask_value')) return [name, Float32Array.of(MASKED)]
      if (name === 'weight' || name === 'inverse_count') return [name, new Float32Array(size).fill(1 / size)]
      if (name.includes('.mask.')) return [name, numbers(size, seed + i).map((x) => (x > 0 ? 1.25 : 0))]
      return [name, numbers(size, seed + i)]
    }),
  )
}
