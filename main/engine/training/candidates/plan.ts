/**
 * Which candidates a step scores: the rows of the item tower and how blocks of negatives are cut out of them. Item rows are the batch's
 * positives, then what is drawn for the whole batch, then what is drawn for each row; one pass of the tower serves them all.
 */
import type { TwoTowerSpec } from '../../../contract/shapes/spec.ts'

export interface StepShape {
  readonly batch: number
  /** candidates drawn for the whole batch, {@link negativeCount} */
  readonly negatives: number
}

/** A block of candidates; where several have a name, ports are named `bias:NAME`, `masked:NAME`, `mask_value:NAME`. */
export interface Block {
  readonly name: 'batch' | 'shared' | 'own'
  readonly kind: 'shared' | 'rows'
  /** its first row among the item tower's */
  readonly from: number
  /** candidates of a row of the batch: all N of a shared block, or n of its own */
  readonly count: number
  readonly hardest: number | null
}

export interface CandidatePlan {
  readonly batch: number
  /** rows of the item tower */
  readonly itemRows: number
  readonly blocks: readonly Block[]
  /** vectors of earlier batches, fed and not trained; 0: none */
  readonly memory: number
  /** how many of a row's own candidates each source fills, in order */
  readonly own: Readonly<Record<OwnSource, number>>
  /** the batch's other items are negatives */
  readonly inBatch: boolean
  /** candidates drawn for the whole batch */
  readonly drawn: number
  /** the loss pools the positives of a user */
  readonly pooled: boolean
}

/** Where a row's own negatives come from. */
export const OWN_SOURCES = ['drawn', 'group', 'session', 'impressions', 'mined'] as const
export type OwnSource = (typeof OWN_SOURCES)[number]

/** How many candidates a step draws for the whole batch. @param items of the catalogue; only the full softmax asks */
export function negativeCount({ loss }: TwoTowerSpec, items = 0): number {
  if (loss.kind === 'full-softmax') return items
  if (loss.kind === 'in-batch-softmax' || loss.kind === 'directau') return 0
  return loss.kind === 'mixed-softmax' || loss.shared ? loss.negatives : 0
}

export function candidatePlan({ loss, extraNegatives }: TwoTowerSpec, { batch, negatives }: StepShape): CandidatePlan {
  const none = { drawn: 0, group: 0, session: 0, impressions: 0, mined: 0 }
  if (loss.kind === 'directau') return { batch, itemRows: batch, blocks: [], memory: 0, own: none, inBatch: false, drawn: 0, pooled: false }
  const inBatch = loss.kind === 'in-batch-softmax' || loss.kind === 'mixed-softmax'
  const hardest = extraNegatives.inBatchHard?.perPositive ?? null
  const own = {
    drawn: 'shared' in loss && !loss.shared ? loss.negatives : 0,
    group: extraNegatives.group?.perRow ?? 0,
    session: extraNegatives.session?.perRow ?? 0,
    impressions: extraNegatives.impressions?.perRow ?? 0,
    mined: extraNegatives.mined?.perRow ?? 0,
  }
  const ownCount = OWN_SOURCES.reduce((sum, source) => sum + own[source], 0)
  const blocks: Block[] = []
  if (hardest !== null) blocks.push({ name: 'batch', kind: 'shared', from: 0, count: batch, hardest })
  const from = inBatch && hardest === null ? 0 : batch
  const shared = batch + negatives - from
  if (shared > 0) blocks.push({ name: 'shared', kind: 'shared', from, count: shared, hardest: null })
  if (ownCount > 0) blocks.push({ name: 'own', kind: 'rows', from: batch + negatives, count: ownCount, hardest: null })
  return {
    batch,
    itemRows: batch + negatives + batch * ownCount,
    blocks,
    memory: extraNegatives.memory,
    own,
    inBatch: inBatch || hardest !== null,
    drawn: negatives,
    pooled: loss.kind === 'bsl' && loss.pooled,
  }
}
