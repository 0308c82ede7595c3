/** Drains an import into a throw-away workspace, from files given as text or bytes. */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { importInput, type ImportInput } from '../../../main/contract/verbs/datasets.ts'
import type { DatasetManifest } from '../../../main/contract/shapes/dataset.ts'
import { openDataset } from '../../../main/engine/dataset/open.ts'
import { importDataset } from '../../../main/engine/import/import.ts'
import type { Dataset } from '../../../main/engine/dataset/dataset.ts'
import { temporaryFolder } from '../../helpers/folder.ts'

export interface Imported {
  readonly dataset: Dataset
  readonly manifest: DatasetManifest
  readonly said: string[]
}

/** Writes files into a new folder and answers it. */
export async function filesIn(files: Record<string, string | Uint8Array>): Promise<string> {
  const folder = await temporaryFolder()
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), content)
  }
  return folder
}

type Input = Partial<Omit<ImportInput, 'name'>>

/** Imports; file names in `input` are relative to `folder`. */
export async function importFrom(folder: string, input: Input, threads = 2): Promise<Imported> {
  const out = join(await temporaryFolder(), 'dataset')
  const paths = Object.fromEntries(
    (['path', 'interactions', 'users', 'items', 'test'] as const).flatMap((key) =>
      input[key] === undefined ? [] : [[key, join(folder, input[key])]],
    ),
  )
  const said: string[] = []
  const stage = importDataset({
    ...importInput.parse({ name: 'test', ...input, ...paths }),
    folder: out,
    say: (level, text) => said.push(level === 'info' ? text : `warning: ${text}`),
    threads,
  })
  for (;;) {
    const next = await stage.next()
    if (next.done === true) return { dataset: await openDataset(out, next.value), manifest: next.value, said }
  }
}

/** Imports files given here. */
export async function importFiles(files: Record<string, string | Uint8Array>, input: Input): Promise<Imported> {
  return importFrom(await filesIn(files), input)
}

/** The message of the error that an import ends with. */
export async function failure(files: Record<string, string | Uint8Array>, input: Input): Promise<string> {
  const folder = await filesIn(files)
  try {
    await importFrom(folder, input)
  } catch (error) {
    const { code, message } = error as { code?: string; message: string }
    return `${code ?? 'bug'} ${message.replaceAll(folder, 'DIR')}`
  }
  return 'no failure'
}
