/** The TensorFlow.js export in a browser: a page of its own loads both towers with TensorFlow.js and gives Pylon's vectors. */
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { expect, test } from 'vitest'
import type { FrozenEncoders } from '../../main/engine/features/encoded.ts'
import { rowLookup, type Vocabulary } from '../../main/engine/features/vocabulary.ts'
import { readNpy } from '../../main/engine/files/npy.ts'
import { writeSmallMarket } from '../helpers/small-market.ts'
import { pylon } from '../helpers/workspace.ts'
import { launchChromium } from './host.ts'

const TOWER = { features: [{ kind: 'id', dim: 8 }], hidden: [16], activation: 'gelu', layerNorm: true, output: 8 }

test('both towers, loaded by tfjs in Chromium, give the vectors of the run', { timeout: 300_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pylon-tfjs-'))
  const browser = await launchChromium()
  try {
    const { interactions } = writeSmallMarket(folder)
    const sides = ['user', 'item'].flatMap((side) => Object.entries(TOWER).map(([key, value]) => `${side}.${key}=${JSON.stringify(value)}`))
    const sets = [...sides, 'training.epochs=1', 'training.batchSize=64', 'training.finalFit=false'].flatMap((set) => ['--set', set])
    for (const args of [
      ['import', '--name', 'd', '--interactions', interactions],
      ['train', '--dataset', 'd', '--recipe', 'mf-softmax', '--name', 'r', ...sets],
      ...['tfjs', 'vectors', 'onnx'].map((format) => ['export', '--run', 'r', '--format', format, '--out', join(folder, format)]),
    ]) {
      const { code, stderr } = await pylon(args, { home: join(folder, 'home') })
      expect(code, `${args.join(' ')}: ${stderr.slice(-2000)}`).toBe(0)
    }
    const encoders = JSON.parse(await readFile(join(folder, 'onnx', 'encoders.json'), 'utf8')) as FrozenEncoders
    const page = await browser.newPage()
    const library = createRequire(import.meta.url).resolve('@tensorflow/tfjs/dist/tf.min.js')
    await page.route('http://towers.localhost/**', async (route) => {
      const path = new URL(route.request().url()).pathname
      if (!path.includes('_tower/')) return route.fulfill({ body: '<!doctype html>', contentType: 'text/html' })
      await route.fulfill({ body: await readFile(join(folder, 'tfjs', path)) })
    })
    page.setDefaultTimeout(180_000)
    await page.goto('http://towers.localhost/', { waitUntil: 'commit' })
    await page.addScriptTag({ path: library })
    for (const side of ['user', 'item'] as const) {
      const ids = JSON.parse(await readFile(join(folder, 'vectors', `${side}_ids.json`), 'utf8')) as string[]
      const rows = ids.map(rowLookup(encoders[side][0]!.state['vocabulary'] as Vocabulary))
      const found = await page.evaluate<number[]>(`(async () => {
        await tf.setBackend('cpu')
        const tower = await tf.loadGraphModel('/${side}_tower/model.json')
        const rows = ${JSON.stringify(rows)}
        const feeds = { '${side}.bag.id.rows': tf.tensor2d(rows, [rows.length, 1], 'int32'), '${side}.bag.id.weights': tf.ones([rows.length, 1]) }
        return [...await tower.execute(feeds, 'vectors').data()]
      })()`)
      const { data } = await readNpy(join(folder, 'vectors', `${side}_vectors.npy`))
      expect(found).toHaveLength(data.length)
      expect(Math.max(...found.map((x, i) => Math.abs(x - Number(data[i])))), side).toBeLessThan(1e-5)
    }
  } finally {
    await browser.close()
    await rm(folder, { recursive: true, force: true, maxRetries: 3 })
  }
})
