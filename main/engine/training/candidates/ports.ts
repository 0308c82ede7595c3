/** What the loss of a step reads beside vectors, as ports: of each row of the batch, of each block of candidates, of the memory. */
import { port, type Port } from '../../compute/port.ts'
import type { ProgramInput } from '../../compute/program.ts'
import type { CandidatePlan } from './plan.ts'

/** Of the rows of a batch, in one term of the loss; [batch] each. */
export interface RowPorts {
  readonly positiveBias: Port<readonly [number]>
  readonly weight: Port<readonly [number]>
  readonly inverseCount: Port<readonly [number]>
}

/** Of a block of candidates. */
export interface BlockPorts {
  /** what corrects their scores: [candidates] or [batch × candidates] */
  readonly bias: Port
  /** (row, candidate) pairs that are no negatives, and as many MASKED */
  readonly masked: Port<readonly [string, 2]>
  readonly maskValue: Port<readonly [string]>
}

/** The memory's vectors [memory × dim], and what belongs to its term of the loss. */
export interface MemoryPorts {
  readonly vectors: Port<readonly [number, number]>
  readonly rows: RowPorts
  readonly block: BlockPorts
}

export interface LossPorts {
  readonly rows: RowPorts
  /** the rows of each row's user, `batch` past their end; null where the loss pools no positives */
  readonly mates: Port<readonly [number, string]> | null
  /** in the order of the plan's blocks */
  readonly blocks: readonly BlockPorts[]
  readonly memory: MemoryPorts | null
}

/** The ports of a plan; two calls give equal ones. */
export function lossPorts({ batch, blocks, memory, pooled }: CandidatePlan, dim: number): LossPorts {
  return {
    rows: rowPorts(batch, ''),
    mates: pooled ? port('mates', [batch, 'mates'], 'int32') : null,
    blocks: blocks.map(({ name, kind, count }) => blockPorts(name, kind === 'shared' ? [count] : [batch, count])),
    memory: memory === 0 ? null : memoryPorts(memory, dim, batch),
  }
}

/** All of them, in the order a program declares them. */
export function lossInputs({ rows, mates, blocks, memory }: LossPorts): ProgramInput[] {
  const ofRows = ({ positiveBias, weight, inverseCount }: RowPorts): Port[] => [positiveBias, weight, inverseCount]
  const ofBlock = ({ bias, masked, maskValue }: BlockPorts): Port[] => [bias, masked, maskValue]
  const all = [
    ...ofRows(rows),
    ...(mates === null ? [] : [mates]),
    ...blocks.flatMap(ofBlock),
    ...(memory === null ? [] : [memory.vectors, ...ofRows(memory.rows), ...ofBlock(memory.block)]),
  ]
  return all.map((each) => each.declare())
}

/** The ports of a memory of `size` vectors. */
export const memoryPorts = (size: number, dim: number, batch: number): MemoryPorts => ({
  vectors: port('memory', [size, dim]),
  rows: rowPorts(batch, ':memory'),
  block: blockPorts('memory', [size]),
})

/** The ports of the rows in the term that `suffix` names. */
export const rowPorts = (batch: number, suffix: string): RowPorts => ({
  positiveBias: port(`positive_bias${suffix}`, [batch]),
  weight: port(`weight${suffix}`, [batch]),
  inverseCount: port(`inverse_count${suffix}`, [batch]),
})

const blockPorts = (name: string, biasShape: readonly number[]): BlockPorts => ({
  bias: port(`bias:${name}`, biasShape),
  masked: port(`masked:${name}`, [`pairs_${name}`, 2], 'int32'),
  maskValue: port(`mask_value:${name}`, [`pairs_${name}`]),
})
