/**
 * Where sentence models lie: in the folder that PYLON_ENCODERS names, else in `encoders` of the workspace, a folder a model. A bundle
 * carries its own.
 */
import { existsSync, statSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { didYouMean } from '../../contract/did-you-mean.ts'
import { badData, notFound } from '../../contract/errors.ts'
import { ENCODER_NAME } from '../../contract/shapes/features.ts'
import { valueIfAbsent } from '../files/error-code.ts'
import { readSentenceFolder, type SentenceFolder } from './folder.ts'

/** Of a workspace, or of a bundle. */
export const ENCODERS = 'encoders'
/** A run lies in `runs/NAME` of its workspace, a part of a blend two folders deeper. */
const LEVELS = 5

/** The folder of all models of a workspace. */
export function encodersFolder(home: string, env: NodeJS.ProcessEnv = process.env): string {
  const given = env['PYLON_ENCODERS'] ?? ''
  return given === '' ? join(home, ENCODERS) : resolve(given)
}

/** Names of the folders in there, by name. */
export async function modelNames(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(valueIfAbsent([]))
  return names.filter((name) => ENCODER_NAME.test(name) && statSync(join(folder, name), { throwIfNoEntry: false })?.isDirectory()).sort()
}

/** A model of a workspace. @throws PylonError not-found naming those there are, or what its folder lacks */
export async function findModel(home: string, name: string): Promise<SentenceFolder> {
  const folder = encodersFolder(home)
  const names = await modelNames(folder)
  if (names.includes(name)) return readSentenceFolder(join(folder, name), name)
  const there = names.length === 0 ? 'there is none yet' : `there are ${names.join(', ')}`
  const message = `There is no sentence model "${name}" in ${folder}; ${didYouMean(name, names)}${there}. pylon encoders says where to get some.`
  throw notFound(message)
}

/**
 * The model that a run was trained with: beside the run (a bundle's), or in its workspace.
 * @throws PylonError not-found where it is nowhere, bad-data where another one has its name
 */
export async function findTrainedModel(runFolder: string, name: string, checksum: string): Promise<SentenceFolder> {
  const above: string[] = [runFolder]
  for (let level = 1; level < LEVELS; level++) above.push(dirname(above[level - 1]!))
  const places = [...new Set([...above.map((folder) => join(folder, ENCODERS, name)), join(encodersFolder(runFolder), name)])]
  let other: string | null = null
  for (const place of places.filter((path) => existsSync(path))) {
    const found = await readSentenceFolder(place, basename(place))
    if (found.checksum === checksum) return found
    other = place
  }
  if (other !== null)
    throw badData(
      `The model was trained with another sentence model "${name}" (checksum ${checksum.slice(0, 12)}…). Put that one back in its place.`,
      other,
    )
  throw notFound(
    `The model reads texts with the sentence model "${name}" (checksum ${checksum.slice(0, 12)}…), which is not here. Put its folder into "${ENCODERS}" of the workspace or bundle, or name the folder it lies in by PYLON_ENCODERS.`,
  )
}
