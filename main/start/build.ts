/** Builds what is missing or older than its sources, so that `npm start` always shows the tree it is run in. */
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { unavailable } from '../contract/errors.ts'
import { isProcess } from '../engine/store/process-name.ts'

export const ROOT = join(import.meta.dirname, '..', '..')
export const PAGE = join(ROOT, 'out', 'renderer')

const PAGE_SOURCES = ['renderer', 'main/contract', 'vite.config.ts', 'package.json']
const DESKTOP_SOURCES = [...PAGE_SOURCES, 'main', 'preload', 'electron.vite.config.ts']

/** The page in `out/renderer`. @returns whether it had to be built */
export async function buildPage(): Promise<boolean> {
  if (isFresh(join(PAGE, 'index.html'), PAGE_SOURCES)) return false
  clearAbandoned()
  // built beside and moved in whole: a host that serves the old one never meets half of the new one
  const beside = join(ROOT, 'out', `${BESIDE}${process.pid}`)
  try {
    await node('vite', 'bin/vite.js', ['build', '--logLevel', 'error', '--outDir', beside, '--emptyOutDir'])
    const old = `${beside}-old`
    if (existsSync(PAGE)) renameSync(PAGE, old)
    renameSync(beside, PAGE)
    rmSync(old, { recursive: true, force: true })
  } finally {
    rmSync(beside, { recursive: true, force: true })
  }
  return true
}

const BESIDE = 'renderer-'

/** What builds that were killed have left. */
function clearAbandoned(): void {
  const names: string[] = existsSync(join(ROOT, 'out')) ? readdirSync(join(ROOT, 'out')) : []
  for (const name of names.filter((each) => each.startsWith(BESIDE) && !isProcess(/\d+/.exec(each)?.[0] ?? '')))
    rmSync(join(ROOT, 'out', name), { recursive: true, force: true })
}

/** The desktop program's bundles: main, preload and page. @returns whether they had to be built */
export async function buildDesktop(): Promise<boolean> {
  if (isFresh(join(ROOT, 'out', 'main', 'index.js'), DESKTOP_SOURCES) && isFresh(join(PAGE, 'index.html'), PAGE_SOURCES)) return false
  await node('electron-vite', 'bin/electron-vite.js', ['build', '--logLevel', 'error'])
  return true
}

/** Whether `built` is there and no source is newer. Where there are no sources (an installed program), what is there is right. */
function isFresh(built: string, sources: readonly string[]): boolean {
  const time = statSync(built, { throwIfNoEntry: false })?.mtimeMs
  if (time !== undefined && !existsSync(join(ROOT, 'renderer'))) return true
  return time !== undefined && sources.every((source) => newest(join(ROOT, source)) <= time)
}

function newest(path: string): number {
  const info = statSync(path, { throwIfNoEntry: false })
  if (info === undefined) return 0
  if (!info.isDirectory()) return info.mtimeMs
  // the folder's own time tells of removed files
  return readdirSync(path).reduce((time, name) => Math.max(time, newest(join(path, name))), info.mtimeMs)
}

async function node(name: string, script: string, args: readonly string[]): Promise<void> {
  const manifest = resolveOf(`${name}/package.json`)
  if (manifest === null) throw unavailable(`The page is not built, and ${name} is not installed: run "npm ci" first.`)
  const child = spawn(process.execPath, [join(dirname(manifest), script), ...args], { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] })
  const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('exit', resolve))
  if (code !== 0) throw unavailable(`The page could not be built (${name} ended with ${code ?? 'a signal'}): see above.`)
}

function resolveOf(path: string): string | null {
  try {
    return createRequire(import.meta.url).resolve(path)
  } catch {
    return null
  }
}
