/** How a run does on the items of a part of its map: ranks it where that was not done yet. */
import { badInput } from '../../contract/errors.ts'
import { openDataset } from '../dataset/open.ts'
import { heldOut } from '../evaluation/held-out.ts'
import { segmentOf } from '../evaluation/segment.ts'
import type { JobContext, JobFact, Jobs, SegmentJob } from '../queue/job-types.ts'
import { rankRun, ranksOf, testProtocol } from './rank.ts'

const CUTS = [20]

export async function* segmentJob({ place, items }: SegmentJob, context: JobContext): AsyncGenerator<JobFact, Jobs['segment']['result']> {
  const ranked = yield* rankRun(place, context)
  const dataset = await openDataset(place.datasetFolder, place.datasetRecord)
  const count = dataset.manifest.items
  const isIn = new Uint8Array(count)
  for (const item of items) {
    if (item < 0 || item >= count) throw badInput(`There is no item ${item}; items are 0 to ${count - 1}.`, 'items')
    isIn[item] = 1
  }
  const protocol = testProtocol(place, dataset.manifest)
  const held = heldOut(dataset, protocol)
  const found = segmentOf(held, await ranksOf(place, ranked, held), (item) => isIn[item] === 1, CUTS)
  return { ranked, segment: { protocol, items: isIn.reduce((sum, each) => sum + each, 0), ...found } }
}
