/**
 * `npm run setup:python`: a virtual environment in the user's cache (never in the checkout) with the libraries that the exports are proved
 * by. About 600 MB are fetched and 2 GB written; two minutes on two cores. What is there already stays.
 *
 * PyTorch: on Linux x64 the wheel of PyPI is built for CUDA and drags gigabytes of it along, so Debian's `python3-torch` (1.13, CPU) is
 * installed where this is Debian 12, this is root and the Python is 3.11, and linked into the environment. Elsewhere PyPI's wheel is CPU-only and is
 * taken. Where neither fits, the environment is made without it, and the tests say so.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pythonEnvironment } from '../../main/engine/export/python.ts'

const REQUIREMENTS = join(import.meta.dirname, 'requirements.txt')
const DEBIAN_TORCH = '/usr/lib/python3/dist-packages/torch'
const environment = pythonEnvironment()
const isWindows = process.platform === 'win32'
const python = isWindows ? join(environment, 'Scripts', 'python.exe') : join(environment, 'bin', 'python')
const stamp = join(environment, 'requirements.txt')

function run(command: string, args: readonly string[]): boolean {
  console.log(`$ ${[command, ...args].join(' ')}`)
  return spawnSync(command, args, { stdio: 'inherit', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }).status === 0
}

function main(): number {
  const wanted = readFileSync(REQUIREMENTS, 'utf8')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) console.log(`${environment} has all of requirements.txt.`)
  else {
    mkdirSync(dirname(environment), { recursive: true })
    if (!existsSync(python) && !run(isWindows ? 'python' : 'python3', ['-m', 'venv', environment])) return 1
    if (!run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', REQUIREMENTS])) return 1
    writeFileSync(stamp, wanted)
  }
  if (!imports('torch')) torch()
  console.log(
    imports('torch')
      ? 'PyTorch works.'
      : 'PyTorch is not there: its tests are skipped. Install it into the environment, or name another by PYLON_PYTHON.',
  )
  console.log(`Python: ${python}`)
  return 0
}

const imports = (name: string): boolean => spawnSync(python, ['-c', `import ${name}`], { stdio: 'ignore' }).status === 0

function torch(): void {
  const [version = '', folder = ''] = spawnSync(
    python,
    ['-c', 'import sys, sysconfig; print("%d.%d" % sys.version_info[:2]); print(sysconfig.get_path("platlib"))'],
    { encoding: 'utf8' },
  )
    .stdout.trim()
    .split('\n')
  const isCudaOnly = process.platform === 'linux' && process.arch === 'x64'
  if (!isCudaOnly) {
    run(python, ['-m', 'pip', 'install', '--quiet', 'torch'])
    return
  }
  const isDebian12 = existsSync('/etc/debian_version') && readFileSync('/etc/debian_version', 'utf8').startsWith('12') && version === '3.11'
  if (!isDebian12) return
  if (!existsSync(DEBIAN_TORCH) && process.getuid?.() === 0) {
    run('apt-get', ['update', '-qq'])
    run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'python3-torch'])
  }
  if (existsSync(DEBIAN_TORCH) && !existsSync(join(folder, 'torch'))) symlinkSync(DEBIAN_TORCH, join(folder, 'torch'))
}

process.exit(main())
