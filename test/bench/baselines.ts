/**
 * Baselines beside the libraries that people would take: an epoch of iALS at 192 factors beside implicit's exact solver and its three steps
 * of conjugate gradients (which come near the minimum and stop), EASE beside NumPy, item-kNN beside SciPy. A million interactions.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import { join } from 'node:path'
import type { InteractionMatrix } from '../../main/engine/dataset/interaction-matrix.ts'
import { transpose } from '../../main/engine/dataset/interactions.ts'
import { fitEase } from '../../main/engine/evaluation/baselines/ease.ts'
import { ialsEpoch, initialFactors } from '../../main/engine/evaluation/baselines/ials.ts'
import { fitItemKnn } from '../../main/engine/evaluation/baselines/item-knn.ts'
import { drain } from '../../main/engine/files/drain.ts'
import { writeNpy } from '../../main/engine/files/npy.ts'
import { random } from '../../main/engine/training/random.ts'
import { libraries, paired } from './libraries.ts'
import { time } from './step.ts'

const [USERS, ITEMS, PER_USER, ROUNDS] = [6000, 3700, 167, 3]

export async function benchBaselines(): Promise<void> {
  const folder = await mkdtemp(join(os.tmpdir(), 'pylon-bench-'))
  const threads = os.availableParallelism()
  const python = libraries(threads)
  try {
    const matrix = drawn()
    await writeNpy(join(folder, 'pairs.npy'), 'int32', [matrix.byUser.indices.length, 2], pairsOf(matrix))
    const ials = { dim: 192, regularisation: 0.1, unobservedWeight: 0.1, frequencyScaling: 0, embeddingSd: 0.1, seed: 1 }
    const factors = initialFactors(matrix, ials)
    const theirs = (task: string) => (): Promise<number | string> => python.time(task, folder)
    const epoch = (): Promise<number> => time(() => drain(ialsEpoch(matrix, factors, ials)))
    console.log(`  ${threads} threads, load ${os.loadavg()[0]!.toFixed(1)}`)
    await paired('iALS, an epoch, beside implicit (exact)', ROUNDS, epoch, theirs('ials'))
    await paired('iALS, an epoch, beside implicit (conjugate gradients)', ROUNDS, epoch, theirs('ials-cg'))
    const ease = { lambda: 250, keep: null, memoryGb: 4, threads }
    await paired('EASE beside NumPy', ROUNDS, () => time(() => drain(fitEase(matrix, ease))), theirs('ease'))
    const knn = { neighbours: 100, shrinkage: 10, normalise: false, itemMean: false }
    await paired('item-kNN beside SciPy', ROUNDS, () => time(() => drain(fitItemKnn(matrix, knn))), theirs('item-knn'))
  } finally {
    await python.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** Each user with distinct items, of which the first are more popular. */
function drawn(): InteractionMatrix {
  const rng = random(1, 'init')
  const indices = new Int32Array(USERS * PER_USER)
  for (let user = 0; user < USERS; user++) {
    const items = new Set<number>()
    while (items.size < PER_USER) items.add(Math.floor(ITEMS * rng.uniform() ** 1.5))
    indices.set(Int32Array.from(items).sort(), user * PER_USER)
  }
  const byUser = { offsets: Int32Array.from({ length: USERS + 1 }, (_, user) => user * PER_USER), indices }
  return { users: USERS, items: ITEMS, byUser, byItem: transpose(byUser, USERS, ITEMS) }
}

const pairsOf = ({ byUser }: InteractionMatrix): Int32Array<ArrayBuffer> =>
  Int32Array.from({ length: 2 * byUser.indices.length }, (_, i) => (i % 2 === 0 ? Math.floor(i / 2 / PER_USER) : byUser.indices[i >> 1]!))
