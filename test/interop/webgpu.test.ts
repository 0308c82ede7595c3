/** Training steps by WebGPU, over SwiftShader, beside the CPU; and what a run says where there is no such processor, or a slow one. */
import { execFile } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test as anywhere } from 'vitest'
import { needing } from '../helpers/needs.ts'
import { writeSmallMarket } from '../helpers/small-market.ts'
import { softwareGpu } from '../helpers/software-gpu.ts'
import { temporaryFolder } from '../helpers/folder.ts'
import { pylon } from '../helpers/workspace.ts'

/** Trains in a new workspace. @returns the run as it is shown, and its log */
async function trained(env: Readonly<Record<string, string>>): Promise<{ environment: Record<string, string>; loss: number; log: string }> {
  const folder = await temporaryFolder()
  try {
    const { interactions } = writeSmallMarket(folder)
    const home = join(folder, 'home')
    const must = async (...args: string[]): Promise<Record<string, unknown>> => {
      const { code, json, stderr } = await pylon([...args, '--json'], { home, env })
      expect(code, `${args.join(' ')}: ${stderr.slice(-2000)}`).toBe(0)
      return { ...json!, stderr }
    }
    await must('import', '--name', 'd', '--interactions', interactions)
    const sets = ['epochs=2', 'batchSize=32', 'earlyStopping=null', 'finalFit=false'].flatMap((set) => ['--set', `training.${set}`])
    const { stderr } = await must('train', '--dataset', 'd', '--recipe', 'mf-softmax', '--name', 'r', '--executor', 'webgpu', ...sets)
    const run = (await must('show', '--run', 'r')) as unknown as { environment: Record<string, string>; epochsLog: { loss: number }[] }
    return { environment: run.environment, loss: run.epochsLog.at(-1)!.loss, log: String(stderr) }
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 })
  }
}

needing('swiftshader').describe('WebGPU over SwiftShader', () => {
  const { test } = needing('swiftshader')

  test('steps have the loss and gradients of the CPU to 1e-5', async () => {
    const script = join(import.meta.dirname, '../helpers/webgpu-step.ts')
    const { stdout } = await promisify(execFile)(process.execPath, [script], { env: { ...process.env, ...softwareGpu()! } })
    const worst = JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as Record<string, number>
    expect(Object.keys(worst)).toHaveLength(3)
    for (const [name, value] of Object.entries(worst)) expect(value, name).toBeLessThan(1e-5)
  })

  test('a run tries it for 20 steps beside the CPU, and says which went on', async () => {
    const { environment, log } = await trained(softwareGpu()!)
    expect(environment['executor']).toBe('webgpu')
    expect(environment['executorVersion']).toMatch(/Steps run on .*: [\d.]+ ms a step there, [\d.]+ on the CPU \(mean of 19\)\.$/)
    expect(log).toContain('ms a step there')
  })
})

anywhere('without such a processor a run goes on by the CPU, and says why', async () => {
  const { environment, loss } = await trained({ VK_ICD_FILENAMES: '/nothing', LD_LIBRARY_PATH: '' })
  expect(environment['executorVersion']).toMatch(/Steps run on the CPU: no graphics processor that WebGPU can use: /)
  expect(loss).toBeGreaterThan(0)
})
