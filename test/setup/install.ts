/** Sets up what tests need and this machine lacks. `node test/setup/install.ts chromium python tfjs-node` does it for those named. */
import { chromium } from './chromium.ts'
import { python } from './python.ts'
import { installDebian } from './system.ts'
import { tfjsNode } from './tfjs-node.ts'
import type { Tool } from './tool.ts'

/** In the order of their set-up: tfjs-node takes the TensorFlow of the Python environment. */
export const TOOLS: Readonly<Record<string, Tool>> = { chromium, python, 'tfjs-node': tfjsNode }

/**
 * Ends the process with 2 where the environment names a tool that is not there.
 * @returns those that could not be had; what waits for them and what helps was told
 */
export async function setUp(tools: readonly Tool[]): Promise<Tool[]> {
  try {
    return await setUpMissing(tools)
  } catch (error) {
    console.error(`error: ${(error as Error).message}`)
    process.exit(2)
  }
}

async function setUpMissing(tools: readonly Tool[]): Promise<Tool[]> {
  const states = await Promise.all(tools.map(async (tool) => ({ tool, ready: await tool.ready() })))
  const missing = states.filter(({ ready }) => !ready).map(({ tool }) => tool)
  if (missing.length === 0) return []
  console.log(`Setting up ${missing.map(({ name }) => name).join(', ')}: once, what is there already stays.`)
  await installDebian([...new Set((await Promise.all(missing.map((tool) => tool.debian()))).flat())])
  const failed: Tool[] = []
  for (const tool of missing) {
    if (await tool.ready()) continue
    await tool.install()
    if (await tool.ready()) continue
    failed.push(tool)
    console.log(`  ${tool.name} is not complete here. What waits for it: ${tool.waiting}. What helps:\n    ${tool.remedy}`)
  }
  return failed
}

if (import.meta.main) {
  const asked = process.argv.slice(2)
  const unknown = asked.filter((name) => !(name in TOOLS))
  if (asked.length === 0 || unknown.length > 0) {
    console.error(`error: ${unknown.join(', ') || 'nothing'} is no tool: name some of ${Object.keys(TOOLS).join(', ')}.`)
    process.exitCode = 2
  } else {
    const failed = await setUp(asked.map((name) => TOOLS[name]!))
    console.log(asked.map((name) => `${TOOLS[name]!.name}: ${failed.includes(TOOLS[name]!) ? 'not complete' : 'works'}`).join('\n'))
    process.exitCode = failed.length === 0 ? 0 : 1
  }
}
