/** Eight users of one to eight events each, of two types and with growing gaps; some items come again. */
import { type MemoryInteraction, memoryDataset } from './dataset.ts'

export const USERS = 8
const interactions = Array.from({ length: USERS }, (_, u) =>
  Array.from({ length: 1 + u }, (_unused, i): MemoryInteraction => ({
    user: `u${u}`,
    item: `i${(3 * u + i * i) % 11}`,
    time: 1_700_000_000 + 5000 * i * i,
    event: i % 3 === 0 ? 'book' : 'view',
  })),
).flat()

export const growingHistories = memoryDataset({ interactions })
