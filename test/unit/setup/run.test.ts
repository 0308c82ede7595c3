/** `npm test` itself, on a small suite: what it counts, and when it fails. And the commands that people and CI type. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readChineseReadme, readReadme } from '../../readme.ts'

const ROOT = join(import.meta.dirname, '../../..')

function npmTest(CI: string, ...args: string[]): { status: number | null; end: string } {
  const { status, stdout } = spawnSync(process.execPath, ['test/run.ts', '--config', 'test/fixtures/needs/vitest.config.ts', ...args], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...process.env, CI, PYLON_PYTHON: join(ROOT, 'no-python') },
  })
  return { status, end: stdout.slice(stdout.search(/^Did not run|^\d+ passed, /m)) }
}

test('what did not run is counted by its reason; where CI is set, a tool that is missing fails the run', { timeout: 60_000 }, () => {
  const { status, end } = npmTest('')
  expect(end.replace(/platform \w+/, 'platform X').replace(/^ {7}sudo .*\n/gm, '')).toMatchInlineSnapshot(`
    "Did not run:
        2  needs Python
        1  not on this machine: data set none-of-this-name
        1  not on this machine: platform X
        1  needs Chromium

    1 passed, 0 failed, 5 skipped
    "
  `)
  expect(status).toBe(0)
  const inCi = npmTest('true')
  expect(inCi.end).toContain('CI is set, and 3 tests did not run')
  expect(inCi.status).toBe(1)
  const part = npmTest('true', '-t', '^runs$')
  expect(part.end).toMatch(/^Did not run:\n +5 {2}not asked for.*\n\n1 passed, 0 failed, 5 skipped\n$/)
  expect(part.status).toBe(0)
})

test.for([
  ['chromium', { CHROMIUM_PATH: '/nowhere' }, 'There is no Chromium at /nowhere: correct CHROMIUM_PATH, or unset it.'],
  ['python', { PYLON_PYTHON: '/nowhere' }, '/nowhere does not start: correct PYLON_PYTHON, or unset it.'],
  ['perl', {}, 'perl is no tool: name some of chromium, python, tfjs-node.'],
] as const)('set-up of %s: what cannot be meant ends with 2', ([tool, env, message]) => {
  const options = { cwd: ROOT, encoding: 'utf8', env: { ...process.env, ...env } } as const
  const { status, stderr } = spawnSync(process.execPath, ['test/setup/install.ts', tool], options)
  expect({ status, stderr }).toEqual({ status: 2, stderr: `error: ${message}\n` })
})

test('CI types what the READMEs say, and the workflow calls it', () => {
  const commands = ['npm ci', 'npm run check', 'npm test']
  const script = readFileSync(join(ROOT, '.ci/run'), 'utf8').split('\n')
  expect(script.filter((line) => line.startsWith('npm'))).toEqual(commands)
  for (const readme of [readReadme(), readChineseReadme()]) expect(readme).toContain(commands.join(' && '))
  const workflow = readFileSync(join(ROOT, '.github/workflows/check.yml'), 'utf8')
  expect(workflow).toContain('- run: .ci/run\n')
})
