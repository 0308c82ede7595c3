import { readFileSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { writeComponentScripts } from '../../component-scripts.ts'
import { temporaryFolder } from '../../helpers/folder.ts'

const root = resolve(import.meta.dirname, '../../..')

test('each component has its script as TypeScript, line for line, so that the linter names the right ones', async () => {
  const folder = await temporaryFolder()
  const files = writeComponentScripts(folder)
  expect(files.length).toBeGreaterThan(100)
  for (const file of files) {
    const component = readFileSync(resolve(root, relative(folder, file).slice(0, -'.ts'.length)), 'utf8').split('\n')
    const script = readFileSync(file, 'utf8').split('\n')
    const end = component.indexOf('</script>')
    expect(end, file).toBeGreaterThan(0)
    for (const [i, line] of component.slice(1, end).entries()) expect(script[i + 1], `${file}:${i + 2}`).toContain(line)
  }
})
