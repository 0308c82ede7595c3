/**
 * An export whose vectors are rotated onto another run's, users and items by one orthogonal matrix: scores stay what they are, and an old
 * index may meet a new user tower, or the other way, while both are exchanged. What that costs is measured by the protocol of the run, before
 * the rotation and after it.
 */
import { join } from 'node:path'
import { badInput } from '../../contract/errors.ts'
import type { ExportFormat } from '../../contract/shapes/export.ts'
import type { Stage } from '../../contract/shapes/progress.ts'
import type { RunDetail } from '../../contract/shapes/run.ts'
import { rotated } from '../ann/procrustes.ts'
import type { Graph } from '../compute/graph.ts'
import { openDataset } from '../dataset/open.ts'
import { measureCompat } from '../evaluation/compat.ts'
import { heldOut } from '../evaluation/held-out.ts'
import { writeFileAtomic } from '../files/atomic.ts'
import { writeNpy } from '../files/npy.ts'
import { checkHasVectors, placedModel, type Rotation, rotationOnto } from '../model/placed.ts'
import { RUN_FILES, type RunFolders } from '../model/run-files.ts'
import { readMatrix } from '../model/run-vectors.ts'
import { protocolOfRun } from '../protocol/protocol.ts'
import { isFunction, matchingOf } from '../towers/metric.ts'
import { VECTOR_FORMATS } from './narrow.ts'

/** Formats whose towers end in a graph that takes one more layer. */
const TOWER_FORMATS: readonly ExportFormat[] = ['onnx', 'onnx-raw', 'tfjs']

export const ALIGNMENT_FILE = 'alignment.json'
export const ROTATION_FILE = 'rotation.npy'

/** The run that another's vectors are brought near to. */
export interface AlignTo extends RunFolders {
  readonly run: string
  readonly name: string
}

/** What `alignment.json` says: of a pairing its recall and NDCG at 20, null without a test part. */
export interface AlignmentFacts {
  readonly to: { readonly run: string; readonly name: string; readonly dim: number }
  readonly from: { readonly run: string; readonly dim: number }
  readonly fitted: { readonly items: number; readonly users: number }
  readonly rotation: string
  readonly protocol: string | null
  readonly pairings: readonly {
    readonly users: 'this' | 'other'
    readonly items: 'this' | 'other'
    readonly isAligned: boolean
    readonly 'recall@20': number
    readonly 'ndcg@20': number
  }[]
}

const K = 20
const SEED = 1

/** @throws PylonError bad-input where the format carries weights that a rotation would have to be trained into, or the run no such vectors */
export function checkAligned(format: ExportFormat, { spec }: Pick<RunDetail, 'spec'>): void {
  const formats = [...VECTOR_FORMATS, ...TOWER_FORMATS]
  if (!formats.includes(format))
    throw badInput(
      `is for formats of vectors, and of towers that end in a graph: ${formats.join(', ')}. ${format} carries the run as it was trained: swap it whole.`,
      'alignTo',
    )
  checkHasVectors(spec)
  if (isFunction(matchingOf(spec)))
    throw badInput('The run matches by a function of its own, whose scores a rotation may change: swap both together.', 'alignTo')
}

/** Fits the rotation of a run onto another's vectors, and measures what it gives. @throws PylonError as {@link rotationOnto} */
export async function* alignment(
  run: RunFolders & { readonly run: string },
  to: AlignTo,
  threads: number,
): Stage<{ rotation: Rotation; facts: AlignmentFacts }> {
  const dataset = await openDataset(run.datasetFolder, run.datasetRecord)
  const [other, own] = [await placedModel(to, dataset), await placedModel(run, dataset)]
  const { manifest } = dataset
  const rotation = await rotationOnto(own, other)
  const facts = {
    to: { run: to.run, name: to.name, dim: other.dim },
    from: { run: run.run, dim: own.dim },
    fitted: { items: rotation.items, users: rotation.users },
    rotation: `${ROTATION_FILE}: float64 [${rotation.from}, ${rotation.to}], vectors of the run times it`,
  }
  if (manifest.parts.test === 0) return { rotation, facts: { ...facts, protocol: null, pairings: [] } }
  const protocol = protocolOfRun(run.spec, manifest, 'test')
  const { users } = heldOut(dataset, protocol)
  const { cells } = yield* measureCompat({ dataset, protocol, a: other, b: own, users, k: K, margin: 0, seed: SEED, threads })
  const named = { a: 'other', b: 'this' } as const
  const pairings = cells.map((cell) => ({
    users: named[cell.users],
    items: named[cell.items],
    isAligned: cell.isAligned,
    'recall@20': cell.recall.value,
    'ndcg@20': cell.ndcg.value,
  }))
  return { rotation, facts: { ...facts, protocol: protocol.hash, pairings } }
}

/** Turns a folder's vectors of users and items, where it has some; a user's several vectors each. */
export async function turnVectors(folder: string, files: readonly string[], { matrix, from, to }: Rotation): Promise<void> {
  for (const file of [RUN_FILES.userVectors, RUN_FILES.itemVectors]) {
    if (!files.includes(file)) continue
    const path = join(folder, file)
    const { data, rows } = await readMatrix(path)
    const turned = await rotated(data, matrix, from, to)
    await writeNpy(path, 'float32', [rows, turned.length / rows], turned as Float32Array<ArrayBuffer>)
  }
}

/** Writes `alignment.json` and `rotation.npy`. */
export async function writeAlignment(folder: string, { matrix, from, to }: Rotation, facts: AlignmentFacts): Promise<void> {
  await writeNpy(join(folder, ROTATION_FILE), 'float64', [from, to], matrix as Float64Array<ArrayBuffer>)
  await writeFileAtomic(join(folder, ALIGNMENT_FILE), `${JSON.stringify(facts, null, 2)}\n`)
}

/** A tower with the rotation as its last layer, without a bias. */
export function turnedGraph(graph: Graph, rotation: Rotation | undefined): Graph {
  if (rotation === undefined) return graph
  const { matrix, from, to } = rotation
  const [output] = graph.outputs as [Graph['outputs'][number]]
  const own = `${output.name}.own`
  const rename = (name: string): string => (name === output.name ? own : name)
  const interests = Number(output.shape[1]) / from
  // several vectors of a user lie in one row: each is turned by itself
  const [rows, columns] = [interests * from, interests * to]
  const data = new Float32Array(rows * columns)
  for (let block = 0; block < interests; block++)
    for (let a = 0; a < from; a++) for (let b = 0; b < to; b++) data[(block * from + a) * columns + block * to + b] = matrix[a * to + b]!
  const before = graph.nodes.flatMap(({ outputs }) => outputs).find(({ name }) => name === output.name)!
  const turned = { name: output.name, type: 'float32', shape: [before.shape[0]!, columns] } as const
  const constant = { name: `${output.name}.rotation`, type: 'float32', shape: [rows, columns], data } as const
  return {
    ...graph,
    outputs: [{ ...output, shape: [output.shape[0]!, columns] }],
    constants: [...graph.constants, constant],
    nodes: [
      ...graph.nodes.map((node) => ({
        ...node,
        inputs: node.inputs.map(rename),
        outputs: node.outputs.map((value) => ({ ...value, name: rename(value.name) })),
      })),
      { op: 'MatMul', inputs: [own, constant.name], outputs: [turned], attributes: {} },
    ],
  }
}

/** What a README says of it. */
export function alignmentWords({ to, fitted, pairings }: AlignmentFacts, format: ExportFormat): string[] {
  const at = (users: string, items: string, isAligned: boolean): string | null => {
    const found = pairings.find((each) => each.users === users && each.items === items && each.isAligned === isAligned)
    return found === undefined ? null : found['recall@20'].toFixed(4)
  }
  const mixed = ([users, items]: readonly [string, string]): string => {
    const [before, after] = [at(users, items, false), at(users, items, true)]
    return before === null ? `${after}` : `${before} before, ${after} now`
  }
  const measured =
    pairings.length === 0
      ? ''
      : ` recall@20 by the protocol of the run: ${at('this', 'this', false)} of this run by itself, ${at('other', 'other', false)} of ${to.run}; its users on these items ${mixed(['other', 'this'])}; these users on its items ${mixed(['this', 'other'])}.`
  return [
    `Vectors are rotated onto those of run ${to.run} (${to.name}), users and items by one orthogonal matrix (\`${ROTATION_FILE}\`, orthogonal Procrustes on ${fitted.items.toLocaleString('en')} items and ${fitted.users.toLocaleString('en')} users that both have): scores are what they were.${measured} \`${ALIGNMENT_FILE}\` has all of it.${TOWER_FORMATS.includes(format) ? ' The towers end in that matrix; weights beside them are those before it.' : ''}`,
  ]
}
