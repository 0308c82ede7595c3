/** Calls of a verb on demand. `tell` says a failure as a toast and answers null, for actions whose failure needs no place of its own. */
import type { VerbInput, VerbName, VerbOutput } from '@contract/verbs.ts'
import { noteAction } from './asked-actions.ts'
import { useEngine } from './useEngine.ts'
import { toast } from './toast.ts'

export interface Call {
  /** @throws PylonError */
  readonly call: <V extends VerbName>(verb: V, input: VerbInput<V>) => Promise<VerbOutput<V>>
  readonly tell: <V extends VerbName>(verb: V, input: VerbInput<V>) => Promise<VerbOutput<V> | null>
}

export function useCall(): Call {
  const { client } = useEngine()
  const call: Call['call'] = async (verb, input) => {
    const answer = await client.call(verb, input)
    noteAction(verb, input)
    return answer
  }
  return {
    call,
    tell: async (verb, input) => {
      try {
        return await call(verb, input)
      } catch (error) {
        toast.error(error)
        return null
      }
    },
  }
}
