/** How runs do on some items and on all others: ranks them where that was not done yet. */
import { badInput } from '../../contract/errors.ts'
import { openDataset } from '../dataset/open.ts'
import { heldOut } from '../evaluation/held-out.ts'
import { segmentOf } from '../evaluation/segment.ts'
import type { JobContext, JobFact, SegmentJob, SegmentJobResult } from '../queue/job-types.ts'
import { rankRun, ranksOf, testProtocol } from './rank.ts'

const CUTS = [20]

export async function* segmentJob({ places, items }: SegmentJob, context: JobContext): AsyncGenerator<JobFact, SegmentJobResult> {
  const [first] = places
  const dataset = await openDataset(first!.datasetFolder, first!.datasetRecord)
  const count = dataset.manifest.items
  const isIn = new Uint8Array(count)
  for (const item of items) {
    if (item < 0 || item >= count) throw badInput(`There is no item ${item}; items are 0 to ${count - 1}.`, 'items')
    isIn[item] = 1
  }
  const protocol = testProtocol(first!, dataset.manifest)
  const held = heldOut(dataset, protocol)
  const ranked: SegmentJobResult['ranked'][number][] = []
  const measured: SegmentJobResult['measured'][number][] = []
  for (const place of places) {
    const each = yield* rankRun(place, context)
    ranked.push(each)
    measured.push(segmentOf(held, await ranksOf(place, each, held), (item) => isIn[item] === 1, CUTS))
  }
  return { ranked, protocol, items: isIn.reduce((sum, each) => sum + each, 0), measured }
}
