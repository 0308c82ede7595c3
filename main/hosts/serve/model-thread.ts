/**
 * The thread of a model: it loads one, and does what it is asked, one thing after the other. A tower's run, a scan of all items and the
 * loading of a bundle hold a thread for as long as they take; here they hold none that anybody's request is waiting to be read by.
 */
import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import type { MessagePort } from 'node:worker_threads'
import { badInput, toErrorShape } from '../../contract/errors.ts'
import { isIndexed } from '../../contract/shapes/spec.ts'
import { openVerified } from '../../engine/export/bundle/read-bundle.ts'
import { checkMatch } from '../../engine/export/bundle/write-bundle.ts'
import { ServedModel } from '../../engine/serving/served.ts'
import { drain } from '../../engine/files/drain.ts'
import type { FromModel, ModelInfo, ModelThreadOptions, ToModel } from './model-messages.ts'
import { routes } from './routes.ts'

interface Loaded {
  readonly id: string
  readonly name: string
  readonly model: ServedModel
}

type Done = Omit<Extract<FromModel, { kind: 'done' }>, 'id' | 'kind'>

/** Loads the model and serves `port` until it is told to dispose of it. */
export async function runModel(port: MessagePort, order: ModelThreadOptions): Promise<void> {
  const post = (message: FromModel): void => port.postMessage(message)
  try {
    const loaded = await load(order)
    const { model } = loaded
    const done = (id: number, value: Done): void => post({ id, kind: 'done', ...value })
    const facts = (): ModelInfo => ({
      id: loaded.id,
      name: loaded.name,
      users: model.users,
      items: model.items,
      dim: model.dim,
      known: model.known,
    })
    let line: Promise<void> = Promise.resolve()
    port.on('message', (asked: ToModel) => {
      line = line.then(async () => {
        try {
          const value = await perform(loaded, asked)
          // only a change changes them, and to copy them for every answer is not for nothing
          done(asked.id, asked.kind === 'put' || asked.kind === 'remove' ? { ...value, facts: facts() } : value)
        } catch (error) {
          post({ id: asked.id, kind: 'failed', error: toErrorShape(error) })
        }
        if (asked.kind === 'dispose') port.close()
      })
    })
    done(0, { facts: facts() })
  } catch (error) {
    post({ id: 0, kind: 'failed', error: toErrorShape(error) })
  }
}

async function perform(loaded: Loaded, asked: ToModel): Promise<Done> {
  const { model } = loaded
  switch (asked.kind) {
    case 'answer': {
      const route = routes.find((each) => each.path === asked.route && each.answer !== undefined)
      const answer = await route!.answer!(loaded, asked.body as never, asked.events)
      return { text: JSON.stringify(answer), warnings: answer.warnings ?? [], unknown: answer.unknown ?? [] }
    }
    case 'absent':
      return { absent: model.absent(asked.items) }
    case 'schemas':
      return { schemas: model.schemas() }
    case 'put':
      return await model.put(asked.item, asked.row)
    case 'remove':
      model.remove(asked.item)
      return {}
    case 'dispose':
      await model.dispose()
      return {}
  }
}

async function load({ source, threads, temp }: ModelThreadOptions): Promise<Loaded> {
  if (source.kind === 'run') {
    if (!isIndexed(source.spec)) throw badInput(`A run of ${source.spec.model} has no towers to serve.`, 'run')
    checkMatch(source.spec)
    return { id: source.run, name: source.name, model: await ServedModel.open({ ...source, spec: source.spec, threads }) }
  }
  const { bundle, model } = await drain(openVerified(source.path, await mkdtemp(join(temp, 'bundle-')), threads))
  const { run, createdAt } = bundle.manifest
  return { id: `${run.id}@${createdAt}`, name: run.name, model }
}
