/** Looks at an export that is no bundle: whether its files are what was written, and whether its readers rank as the run does. */
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { badData } from '../../contract/errors.ts'
import { EXPORT_FORMAT_NAMES } from '../../contract/shapes/export.ts'
import type { VerifiedExport } from '../../contract/verbs.ts'
import { valueIfAbsent } from '../files/error-code.ts'
import { tryParseJson } from '../files/json-file.ts'
import { checksumOf, changedFileError } from '../files/verified.ts'
import { checkEntryName } from './bundle/zip.ts'
import { formatOf } from './formats.ts'
import { METRIC_FILE } from './ranking.ts'

const TITLE = /^# Pylon export: ([a-z-]+)$/m
const SUM = /^([0-9a-f]{64}) {2}(.+)$/

/** The check of a folder; null where it is no export of Pylon. @throws PylonError bad-data naming the file that differs */
export async function verifyExport(path: string): Promise<VerifiedExport | null> {
  if ((await stat(path).catch(valueIfAbsent(null)))?.isDirectory() !== true) return null
  const text = (name: string): Promise<string | null> => readFile(join(path, name), 'utf8').catch(valueIfAbsent(null))
  const titled = TITLE.exec((await text('README.md')) ?? '')?.[1]
  const format = EXPORT_FORMAT_NAMES.find((name) => name === titled)
  const sums = await text('SHA256SUMS')
  if (format === undefined || sums === null) return null
  let [files, bytes] = [0, 0]
  for (const line of sums.split('\n').filter((each) => each !== '')) {
    const [, sha256, name] = SUM.exec(line) ?? []
    if (sha256 === undefined) throw badData('A line of it is no checksum: export the run again.', join(path, 'SHA256SUMS'))
    checkEntryName(name!, path)
    const found = await checksumOf(join(path, name!))
    if (found.sha256 !== sha256) throw changedFileError(join(path, name!), { ...found, sha256 }, found, 'Export the run again.')
    files++
    bytes += found.bytes
  }
  const metric = tryParseJson((await text(METRIC_FILE)) ?? 'null')
  const tells = typeof metric === 'object' && metric !== null && 'standIn' in metric
  const warnings =
    formatOf(format).ranks === true && !tells
      ? [
          'It was made before Pylon said in metric.json how its vectors rank. Exports of that time rank by the dot product or the cosine, also of a run that matches by Euclidean distance or by a function of its own, whose lists they get wrong. Export the run again.',
        ]
      : []
  return { kind: 'export', path, format: format, files, bytes, warnings }
}
