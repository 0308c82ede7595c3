/** The Python client, built as its wheel, installed, and used against a real engine; it is typed and tidy by mypy and ruff. */
import { mkdtempSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import { findPython } from '../../main/engine/export/python.ts'
import { pylonVersion } from '../../main/engine/files/version.ts'
import { needing } from '../helpers/needs.ts'
import { writeSmallMarket } from '../helpers/small-market.ts'
import { runPython } from '../helpers/python.ts'

const root = mkdtempSync(join(tmpdir(), 'pylon-client-'))
const ROOT = join(import.meta.dirname, '../..')
const SOURCE = join(ROOT, 'python')
const site = join(root, 'site')
const run = (args: readonly string[], env = {}): Promise<string> => runPython(findPython()!, ROOT, args, env)
const OWN = { PYTHONPATH: site, PYLON_COMMAND: `${process.execPath} ${join(ROOT, 'main/bin.js')}` }

needing('python').describe('the Python client', () => {
  const { test } = needing('python')

  beforeAll(async () => {
    const build = `import os, sys; from flit_core import buildapi; os.chdir(sys.argv[1]); print(buildapi.build_wheel(sys.argv[2]))`
    await run(['-c', build, SOURCE, root])
    const wheel = (await readdir(root)).find((name) => name.endsWith('.whl'))!
    expect(wheel).toBe(`pylon_workbench-${pylonVersion()}-py3-none-any.whl`)
    await run(['-m', 'pip', 'install', '--quiet', '--no-deps', '--target', site, join(root, wheel)])
  })
  afterAll(() => rm(root, { recursive: true, force: true, maxRetries: 3 }))

  test('imports, trains, follows, asks, stops and closes', async () => {
    const files = join(root, 'files')
    writeSmallMarket(files)
    const found = JSON.parse(await run([join(import.meta.dirname, 'client.py'), join(root, 'home'), files], OWN)) as Record<string, unknown>
    expect(found).toMatchObject({
      version: pylonVersion(),
      interactions: 1600,
      sql: [found['recall']],
      stopped: 'cancelled',
      closed: 'unavailable',
      nowhere: 'unavailable',
    })
    expect(found['epochs']).toEqual(expect.arrayContaining([1, 2]))
  })

  test('its README runs as it stands', async () => {
    const folder = join(root, 'readme')
    await mkdir(folder)
    const { interactions, items } = writeSmallMarket(folder)
    for (const [from, to] of [
      [interactions, 'plays.csv'],
      [items, 'songs.csv'],
    ] as const) {
      const rows = (await readFile(from, 'utf8')).split('\n')
      await writeFile(join(folder, to), rows.map((row) => row.replace(/^u(?=\d)/, 'U').replace(/(^|,)i(?=\d+,)/, '$1S')).join('\n'))
    }
    const [, code] = /```python\n([\s\S]*?)```/.exec(await readFile(join(SOURCE, 'README.md'), 'utf8'))!
    const env = { ...OWN, PYLON_HOME: join(root, 'readme-home') }
    const told = await runPython(findPython()!, folder, ['-c', code!], env)
    expect(told).toMatch(/^1 \d+\.\d+/)
    expect(told).toMatch(/two-tower +0\.\d+/)
    expect(told).toContain('rank')
  })

  test('its types are strict and its lines tidy', async () => {
    await run(['-m', 'mypy', '--config-file', join(SOURCE, 'pyproject.toml'), '--cache-dir', join(root, 'mypy'), join(SOURCE, 'src')])
    await run(['-m', 'ruff', 'check', '--no-cache', '--config', join(SOURCE, 'pyproject.toml'), SOURCE])
  })
})
